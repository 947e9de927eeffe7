namespace Grid.Hosting.Health;

/// <summary>
/// A condition of readiness: <c>/readyz</c> answers 200 only when all conditions hold.
/// </summary>
public interface IReadiness
{
    /// <summary>Why the process is not ready; null when the condition holds.</summary>
    string? Missing { get; }

    /// <summary>The tier of the condition, as <c>/readyz</c> names it.</summary>
    string Tier => "cluster";
}
