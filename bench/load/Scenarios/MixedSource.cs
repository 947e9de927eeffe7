using Grid.Bench.Load.Http;

namespace Grid.Bench.Load.Scenarios;

/// <summary>Several sources by weight. The weight of an exhausted source goes to the others.</summary>
internal sealed class MixedSource : IRequestSource
{
    private readonly (IRequestSource Source, RequestKind Kind, int Weight)[] _parts;
    private readonly bool[] _isUsedUp;
    private readonly Random _random;
    private int _weights;

    public MixedSource(IEnumerable<(IRequestSource Source, RequestKind Kind, int Weight)> parts, int seed)
    {
        _parts = [.. parts];
        _isUsedUp = new bool[_parts.Length];
        _weights = _parts.Sum(part => part.Weight);
        _random = new Random(seed);
    }

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        while (_weights > 0)
        {
            var index = Draw();
            if (_parts[index].Source.TryNext(request, out tag))
                return true;
            _isUsedUp[index] = true;
            _weights -= _parts[index].Weight;
        }
        tag = default;
        return false;
    }

    private int Draw()
    {
        var at = _random.Next(_weights);
        for (var i = 0; ; i++)
        {
            if (_isUsedUp[i])
                continue;
            at -= _parts[i].Weight;
            if (at < 0)
                return i;
        }
    }

    public Verdict Judge(in RequestTag tag, in Response response) => Of(tag.Kind).Judge(tag, response);

    public void GivenUp(in RequestTag tag, Verdict verdict) => Of(tag.Kind).GivenUp(tag, verdict);

    private IRequestSource Of(RequestKind kind)
    {
        foreach (var part in _parts)
        {
            if (part.Kind == kind)
                return part.Source;
        }
        throw new InvalidOperationException($"no source sends {kind}");
    }
}
