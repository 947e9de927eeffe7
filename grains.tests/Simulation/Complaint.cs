using System.Runtime.CompilerServices;
using System.Text;

namespace Grid.Tests.Simulation;

/// <summary>The text of a broken rule, formatted only if the rule is broken.</summary>
[InterpolatedStringHandler]
internal readonly ref struct Complaint
{
    private readonly StringBuilder? _text;

    public Complaint(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = isWanted ? new StringBuilder(literalLength + formattedCount * 16) : null;
    }

    public void AppendLiteral(string literal) => _text!.Append(literal);

    public void AppendFormatted<T>(T value) => _text!.Append(value);

    internal string Take() => _text!.ToString();
}
