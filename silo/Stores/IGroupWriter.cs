using Grid.Scans;

namespace Grid.Silo.Stores;

/// <summary>
/// Collects the rows of one group. The outcome of a row is known when the group is committed, and is reported at any
/// time before its callers are answered.
/// </summary>
internal interface IGroupWriter
{
    /// <summary>Writes or clears a state, and sets its <see cref="StateWork.Outcome"/>.</summary>
    void Write(StateWork state);

    /// <summary>Adds a visit, or finds the row of its id.</summary>
    /// <param name="visit">The visit.</param>
    /// <param name="target">Receives the outcome.</param>
    /// <param name="index">The index of the visit in the target.</param>
    void Write(Visit visit, IVisitTarget target, int index);
}

/// <summary>Receives the outcome of visits.</summary>
internal interface IVisitTarget
{
    /// <summary>Receives the outcome of one visit.</summary>
    void Receive(int index, in VisitReceipt receipt);
}
