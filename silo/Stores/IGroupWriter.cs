using Grid.Scans;

namespace Grid.Silo.Stores;

/// <summary>
/// Takes the rows of one group. What became of a row is known when the group is committed, and may be told any time before
/// its callers are answered.
/// </summary>
internal interface IGroupWriter
{
    /// <summary>Writes or clears a state, and sets its <see cref="StateWork.Outcome"/>.</summary>
    void Write(StateWork state);

    /// <summary>Adds a visit, or finds the row of its id.</summary>
    /// <param name="visit">The visit.</param>
    /// <param name="target">Hears what became of it.</param>
    /// <param name="index">Which of the target's visits it is.</param>
    void Write(Visit visit, IVisitTarget target, int index);
}

/// <summary>Hears what became of its visits.</summary>
internal interface IVisitTarget
{
    /// <summary>One visit was written or found.</summary>
    void Receive(int index, in VisitReceipt receipt);
}
