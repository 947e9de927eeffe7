namespace Grid;

/// <summary>
/// A grain state that can say that work is left: the store marks its row, and the silo that starts or takes the
/// partition over wakes such grains, so that an unfinished fan-out is finished though nobody asks again.
/// </summary>
public interface IPendingWork
{
    /// <summary>True while something that this state promises has not reached everyone that it must reach.</summary>
    bool HasPendingWork { get; }
}

/// <summary>A grain that can be woken to finish what its state says is left.</summary>
public interface IResumable : IGrainWithStringKey
{
    /// <summary>Finishes the work left; does nothing when none is.</summary>
    Task Resume();
}
