namespace Grid;

/// <summary>
/// A grain state that knows whether work is unfinished. The store marks the row, and a silo that starts or takes over
/// the partition resumes the grain (<see cref="IResumable"/>). So a crash during a fan-out needs no caller to repeat.
/// </summary>
public interface IPendingWork
{
    /// <summary>True while a change in this state has not reached every grain that must have it.</summary>
    bool HasPendingWork { get; }
}
