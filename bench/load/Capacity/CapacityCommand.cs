using System.Text.Json;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.Play;
using Grid.Bench.Load.Capacity.Reporting;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity;

/// <summary>Measures the capacity of a cluster, and computes what a city needs.</summary>
internal static class CapacityCommand
{
    public static async Task<int> RunAsync(CapacityOptions options, string command, CancellationToken stop)
    {
        var log = options.Quiet ? null : Console.Error;
        await using var site = await TestSite.OpenAsync(options, log, stop);
        try
        {
            site.IsDone = options.IsPlayed
                ? await PlayAsync(options, site, command, log, stop)
                : await SearchAsync(options, site, command, log, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The user ended the run: no logs are needed.
            site.IsDone = true;
            throw;
        }
        return site.IsDone ? 0 : 1;
    }

    private static async Task<bool> SearchAsync(
        CapacityOptions options,
        TestSite site,
        string command,
        TextWriter? log,
        CancellationToken stop
    )
    {
        var report = await new SearchCommand(options, site, log).RunAsync(command, stop);
        await WriteAsync(options, ConsoleText.Of(report), report, stop);
        return report.History.IsIntact && report.Points.Count == site.Clusters.Count;
    }

    private static async Task<bool> PlayAsync(
        CapacityOptions options,
        TestSite site,
        string command,
        TextWriter? log,
        CancellationToken stop
    )
    {
        var report = await new PlayCommand(options, site, log).RunAsync(command, stop);
        await WriteAsync(options, PlayText.Of(report), report, stop);
        return report.History.IsIntact;
    }

    private static async Task WriteAsync<T>(CapacityOptions options, string text, T report, CancellationToken stop)
    {
        Console.Write(text);
        if (options.MarkdownFile is { } markdown)
            await MarkdownFile.WriteAsync(markdown, $"capacity {options.Scenario}", text, stop);
        if (options.JsonFile is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, ReportText.Json) + "\n", stop);
    }
}
