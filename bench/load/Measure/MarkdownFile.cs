namespace Grid.Bench.Load.Measure;

/// <summary>
/// Writes figures into a page between its marks <c>NAME: generated</c> and <c>NAME: end</c>, both HTML comments, so
/// that nobody types tables by hand. A file without the marks is overwritten.
/// </summary>
internal static class MarkdownFile
{
    public static async Task WriteAsync(string file, string name, string text, CancellationToken stop)
    {
        var (begin, end) = ($"<!-- {name}: generated -->", $"<!-- {name}: end -->");
        var page = File.Exists(file) ? await File.ReadAllTextAsync(file, stop) : "";
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : page.IndexOf(end, from, StringComparison.Ordinal);
        var written = to < 0 ? text : $"{page[..(from + begin.Length)]}\n{text.Trim('\n')}\n{page[to..]}";
        await File.WriteAllTextAsync(file, written, stop);
    }
}
