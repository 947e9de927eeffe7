namespace Grid.Clients;

/// <summary>The identity in a client's tokens.</summary>
/// <param name="Role">A role of the API.</param>
/// <param name="Subject">The subject, such as <c>lab-001</c>.</param>
[GenerateSerializer, Alias("grid.client-identity"), Immutable]
public sealed record ClientIdentity([property: Id(0)] string Role, [property: Id(1)] string Subject);
