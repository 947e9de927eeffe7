namespace Grid.Clients;

/// <summary>The stored state of a client.</summary>
[GenerateSerializer, Alias("grid.client-state")]
public sealed class ClientState
{
    /// <summary>Null when no client has this id.</summary>
    [Id(0)]
    public ClientRegistration? Registration { get; set; }

    /// <summary>The subject that last changed it.</summary>
    [Id(1)]
    public string ChangedBy { get; set; } = "";

    [Id(2)]
    public DateTimeOffset ChangedAt { get; set; }
}
