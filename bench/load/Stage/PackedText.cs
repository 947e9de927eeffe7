using System.Text;

namespace Grid.Bench.Load.Stage;

/// <summary>Many short ASCII texts in one array: a million tokens without a million objects.</summary>
internal sealed class PackedText
{
    private readonly byte[] _bytes;
    private readonly int[] _ends;

    public PackedText(IReadOnlyCollection<string> texts)
    {
        _bytes = new byte[texts.Sum(text => text.Length)];
        _ends = new int[texts.Count];
        int at = 0,
            i = 0;
        foreach (var text in texts)
        {
            at += Encoding.ASCII.GetBytes(text, _bytes.AsSpan(at));
            _ends[i++] = at;
        }
    }

    public int Count => _ends.Length;

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsSpan(start, _ends[index] - start);
        }
    }
}
