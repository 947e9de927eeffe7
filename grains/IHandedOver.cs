namespace Grid;

/// <summary>A grain that moves to another silo with its state when its partition does.</summary>
public interface IHandedOver
{
    /// <summary>Whether it was used lately. Others end here, and are read from the store when they are next called.</summary>
    bool IsWorthHandingOver { get; }
}
