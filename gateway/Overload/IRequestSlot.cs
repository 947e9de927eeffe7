namespace Grid.Gateway.Overload;

/// <summary>
/// The place of a request in overload control, as a feature of the request. A handler that waits on purpose gives it back
/// first: the wait is no work, and must not keep out displays and scans.
/// </summary>
internal interface IRequestSlot
{
    /// <summary>Gives the place back; again does nothing.</summary>
    void Release();
}

/// <inheritdoc cref="IRequestSlot"/>
internal sealed class RequestSlot(AdmissionControl admission) : IRequestSlot
{
    private const int Free = 0;
    private const int Held = 1;
    private const int Released = 2;

    private int _state;
    private int _place;

    /// <summary>Takes a place, unless the request gave it back already.</summary>
    internal void Take()
    {
        var place = admission.Began();
        _place = place;
        if (Interlocked.CompareExchange(ref _state, Held, Free) != Free)
            admission.Ended(place);
    }

    public void Release()
    {
        if (Interlocked.Exchange(ref _state, Released) == Held)
            admission.Ended(_place);
    }
}
