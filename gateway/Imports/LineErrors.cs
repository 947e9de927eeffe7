using System.Runtime.InteropServices;
using Grid.Gateway.Errors;
using Grid.ImportReports;

namespace Grid.Gateway.Imports;

/// <summary>A refused line by its number, from 1. The detail names the field and never its value.</summary>
public sealed record LineError(int Line, string Code, string Detail);

/// <summary>
/// The refused lines of an import. They arrive nearly in order, and many share a text, so each text is stored once:
/// 50,000 lines take 400 KB.
/// </summary>
internal sealed class LineErrors
{
    /// <summary>Upper bound of stored lines.</summary>
    internal const int MaxLines = 50_000;

    /// <summary>Upper bound of distinct texts; above it a line gets its code's general text.</summary>
    private const int MaxTexts = 1_000;

    private readonly Lock _gate = new();
    private readonly List<(int Line, ushort Text)> _lines = [];
    private readonly Dictionary<LineText, ushort> _places = [];
    private readonly List<LineText> _table = [];

    /// <summary>The number of stored lines.</summary>
    internal int Count => _lines.Count;

    internal void Add(int line, ErrorCode code, string? detail)
    {
        lock (_gate)
        {
            if (_lines.Count < MaxLines)
                _lines.Add((line, PlaceOf(new LineText(code.Code, detail ?? code.Title), code)));
        }
    }

    /// <summary>The first lines. Call it when no line is in flight.</summary>
    internal LineError[] First(int maxCount)
    {
        _lines.Sort();
        return [.. _lines.Take(maxCount).Select(each => ErrorOf(each.Line, _table[each.Text]))];
    }

    /// <summary>All lines. Call it when no line is in flight.</summary>
    internal ImportReport ReportOf(Guid importId, DateTimeOffset endedAt, ImportCounts counts)
    {
        _lines.Sort();
        return new ImportReport(
            importId,
            endedAt,
            counts,
            [.. _lines.Select(each => each.Line)],
            [.. _lines.Select(each => each.Text)],
            [.. _table]
        );
    }

    /// <summary>A page of a report's refused lines, after a line number.</summary>
    internal static LineError[] Page(ImportReport report, int after, int maxCount)
    {
        var at = Array.BinarySearch(report.Lines, after);
        var from = at >= 0 ? at + 1 : ~at;
        return
        [
            .. Enumerable
                .Range(from, Math.Min(maxCount, report.Lines.Length - from))
                .Select(place => ErrorOf(report.Lines[place], report.Table[report.Texts[place]])),
        ];
    }

    private ushort PlaceOf(LineText text, ErrorCode code)
    {
        if (!_places.ContainsKey(text) && _table.Count >= MaxTexts)
            text = new LineText(code.Code, code.Title);
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, text, out var isKnown);
        if (!isKnown)
        {
            place = (ushort)_table.Count;
            _table.Add(text);
        }
        return place;
    }

    private static LineError ErrorOf(int line, LineText text) => new(line, text.Code, text.Detail);
}
