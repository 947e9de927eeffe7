namespace Grid;

/// <summary>
/// Tells whether this process may answer for its grains: only while it knows that no other member has taken them over.
/// A process without a cluster has no gate.
/// </summary>
public interface IGate
{
    /// <summary>Whether the process may answer now. Costs one read of the clock.</summary>
    bool IsOpen { get; }
}
