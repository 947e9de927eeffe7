namespace Grid;

/// <summary>A grain that moves to another silo, with its state, when its partition moves.</summary>
public interface IHandedOver
{
    /// <summary>
    /// Whether callers used the grain recently. If not, the silo deactivates it instead of moving it; the next call
    /// reads the state from the store.
    /// </summary>
    bool IsWorthHandingOver { get; }

    /// <summary>
    /// Whether the activation has ended: it runs no call and shows no state, although the move may still be in
    /// progress. Any thread may read this.
    /// </summary>
    bool HasEnded { get; }
}
