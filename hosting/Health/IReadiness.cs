namespace Grid.Hosting.Health;

/// <summary>
/// A condition of readiness: <c>/readyz</c> answers 200 only when all conditions hold.
/// </summary>
public interface IReadiness
{
    /// <summary>Why requests should go to another process; null when the condition holds.</summary>
    string? Missing { get; }

    /// <summary>The tier that the condition belongs to, as <c>/readyz</c> names it.</summary>
    string Tier => "cluster";
}
