namespace Grid;

/// <summary>A grain that moves to another silo with its state when its partition does.</summary>
public interface IHandedOver
{
    /// <summary>Whether it was used lately. Others end here, and are read from the store when they are next called.</summary>
    bool IsWorthHandingOver { get; }

    /// <summary>
    /// Whether it answers no more: it runs nothing and shows nothing, though it may still be on its way. Read on any thread.
    /// </summary>
    bool HasEnded { get; }
}
