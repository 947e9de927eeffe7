using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Stage;

/// <summary>
/// The codes that doors see: the last displayed token of each of some residents. Written by
/// <see cref="CodeRefreshSource"/>, read by the scanning workers; each token is an immutable array, replaced as a
/// whole.
/// </summary>
internal sealed class CodePool(int count)
{
    private readonly byte[]?[] _tokens = new byte[count][];
    private int _filled;

    public int Count => _tokens.Length;

    /// <summary>Number of residents that have shown a code at least once.</summary>
    public int Filled => Volatile.Read(ref _filled);

    public ReadOnlySpan<byte> this[int index] => Volatile.Read(ref _tokens[index]);

    public void Set(int index, ReadOnlySpan<byte> token)
    {
        if (Interlocked.Exchange(ref _tokens[index], token.ToArray()) is null)
            Interlocked.Increment(ref _filled);
    }
}

/// <summary>Displays the pool's residents in turn and keeps their tokens.</summary>
/// <param name="rounds">Number of displays of each resident; 0: until stopped.</param>
internal sealed class CodeRefreshSource(DisplayRequests requests, CodePool pool, int rounds) : IRequestSource
{
    private long _next;

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        tag = new RequestTag(RequestKind.Display, Key: (int)(_next % pool.Count));
        if (rounds > 0 && _next == (long)rounds * pool.Count)
            return false;
        _next++;
        requests.Write(request, tag.Key);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response)
    {
        var verdict = DisplayRequests.Judge(response, out var token);
        if (verdict == Verdict.Done)
            pool.Set(tag.Key, token);
        return verdict;
    }
}
