namespace Grid.Hosting.Health;

/// <summary>The health of one tier of the process.</summary>
/// <param name="Tier">The name of the tier, as in logs and traces: process, cluster or store.</param>
/// <param name="Trouble">The problem, without personal data; null when there is none.</param>
/// <param name="Serves">Whether the process is ready for requests in this state.</param>
public readonly record struct TierState(string Tier, string? Trouble, bool Serves);

/// <summary>Reports the health of a tier. Every probe calls it, so it answers from memory and never waits.</summary>
public interface ITierHealth
{
    TierState State { get; }
}
