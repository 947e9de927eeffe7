namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// Data of requests in flight, by a small number that travels in the request's tag. Used by one thread.
/// </summary>
internal sealed class SlotTable<T>
{
    private readonly List<T> _values = [];
    private readonly Stack<int> _free = new();

    public int Count => _values.Count - _free.Count;

    public T this[int slot] => _values[slot];

    public int Put(T value)
    {
        if (!_free.TryPop(out var slot))
        {
            _values.Add(value);
            return _values.Count - 1;
        }
        _values[slot] = value;
        return slot;
    }

    public T Take(int slot)
    {
        var value = _values[slot];
        _values[slot] = default!;
        _free.Push(slot);
        return value;
    }
}
