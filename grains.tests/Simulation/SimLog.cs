using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Tests.Simulation;

/// <summary>The log of a run: a hash, which is equal for two runs of one seed, and optionally text.</summary>
internal sealed class SimLog(bool isWritten)
{
    private const int MaxLines = 400_000;

    private readonly List<string> _lines = [];

    /// <summary>Whether text is kept.</summary>
    internal bool IsWritten { get; } = isWritten;

    /// <summary>The hash of all events so far, in order.</summary>
    internal ulong Hash { get; private set; } = 0xCBF29CE484222325;

    internal IReadOnlyList<string> Lines => _lines;

    internal SimWorld? World { get; set; }

    internal void Mark(long what, long value)
    {
        Hash = (Hash ^ (ulong)what) * 0x100000001B3;
        Hash = (ulong.RotateLeft(Hash, 23) ^ (ulong)value) * 0x9E3779B97F4A7C15;
    }

    internal void Say([InterpolatedStringHandlerArgument("")] Text text)
    {
        if (IsWritten && _lines.Count < MaxLines)
            _lines.Add($"{(World?.Now ?? 0) / (double)TimeSpan.TicksPerMillisecond, 12:F3}  {text.Take()}");
    }

    /// <summary>A message that is formatted only if text is kept.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Text
    {
        private readonly StringBuilder? _text;

        public Text(int literalLength, int formattedCount, SimLog log, out bool isWanted)
        {
            isWanted = log.IsWritten;
            _text = isWanted ? new StringBuilder(literalLength + formattedCount * 16) : null;
        }

        public void AppendLiteral(string literal) => _text!.Append(literal);

        public void AppendFormatted<T>(T value) => _text!.Append(value);

        internal string Take() => _text!.ToString();
    }
}
