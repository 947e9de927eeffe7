namespace Grid.Clients;

/// <summary>The stored revocations.</summary>
[GenerateSerializer, Alias("grid.revocations-state")]
public sealed class RevocationsState
{
    /// <summary>One entry per subject.</summary>
    [Id(0)]
    public RevokedSubject[] Subjects { get; set; } = [];
}
