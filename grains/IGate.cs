namespace Grid;

/// <summary>
/// Whether this process may answer for its grains. In a cluster it may while it knows that no other member has taken them over.
/// A process that is alone has no gate.
/// </summary>
public interface IGate
{
    /// <summary>Whether it may answer at this moment. Costs a read of the clock.</summary>
    bool IsOpen { get; }
}
