using System.Globalization;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Measure;
using Grid.Tests.Failures;

namespace Grid.Bench.Failures;

/// <summary>Runs failures one after the other and writes their table.</summary>
internal sealed class FailureCampaign
{
    private const int MaxRuns = 1_000;
    private const int MaxRemarkLength = 300;
    private static readonly TimeSpan MaxRecover = TimeSpan.FromMinutes(3);

    private readonly string _command;
    private readonly IReadOnlyList<Failure> _failures;
    private readonly IReadOnlyList<(string Name, string Programs)> _variants;
    private readonly string[] _settings;
    private readonly int _runs;
    private readonly TimeSpan _lasts;
    private readonly string? _markdown;

    private FailureCampaign(string command, Arguments given)
    {
        _command = command;
        _runs = given.Number("runs", 10, 1, MaxRuns);
        _failures = given.Text("only") is { } names ? [.. names.Split(',').Select(Named)] : FailureList.All;
        _settings =
        [
            .. (given.Text("set", "").Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(static each =>
                $"--{each}"
            ),
        ];
        var stock = given.Text("stock");
        var isStockAlone = given.Flag("stock-only");
        if (stock is null ? isStockAlone : !File.Exists(Path.Combine(stock, "Grid.Silo.dll")))
            throw new LoadException(
                "--stock is the folder of a build with Orleans' own directory and membership; "
                    + "it contains Grid.Silo.dll and Grid.Gateway.dll"
            );
        (string, string)[] own = isStockAlone ? [] : [("Grid's", AppContext.BaseDirectory)];
        (string, string)[] beside = stock is null ? [] : [("Orleans' own", Path.GetFullPath(stock))];
        _variants = [.. own, .. beside];
        _lasts = given.Duration("lasts", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30));
        _markdown = given.Text("markdown");
        given.Finish();
    }

    internal static FailureCampaign Parse(string[] arguments) =>
        new($"bench/failures -- {string.Join(' ', arguments)}", new Arguments(arguments));

    /// <returns>0 when no display was stale and no fact was lost.</returns>
    internal async Task<int> RunAsync(CancellationToken stop)
    {
        var done = new List<FailureRuns>();
        foreach (var failure in _failures)
        {
            foreach (var (variant, programs) in _variants)
            {
                var runs = await RunAsync(failure, variant, programs, stop);
                done.Add(runs);
                Console.Write(FailureTable.Line(runs));
                // After each failure, so that an interrupted campaign keeps its results.
                if (_markdown is { } file)
                    await MarkdownFile.WriteAsync(
                        file,
                        "failures",
                        FailureTable.Of(_command, done),
                        CancellationToken.None
                    );
            }
        }

        return done.SelectMany(static each => each.Runs).All(static run => run.Old == 0 && run.Lost == 0) ? 0 : 1;
    }

    private async Task<FailureRuns> RunAsync(Failure failure, string variant, string programs, CancellationToken stop)
    {
        if (FailureRun.ReasonNotTo(failure) is { } reason)
            return new FailureRuns(failure, variant, [], reason);
        var plan = new RunPlan(programs, _settings, _lasts, MaxRecover);
        var runs = new List<RunFigures>();
        for (var number = 1; number <= _runs && !stop.IsCancellationRequested; number++)
        {
            if (await TryAsync(failure, plan) is not { } run)
                continue;
            runs.Add(run);
            await Console.Error.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{failure.Name}, {variant}, {number}/{_runs}: again {run.Again.TotalSeconds:0.00} s, "
                        + $"longest call {run.Member.LongestCall.TotalSeconds:0.00} s, old {run.Old}, lost {run.Lost}; "
                        + $"missed: {string.Join(", ", FailureTable.Missed(failure, run))}"
                )
            );
            foreach (var remark in run.Remarks)
                await Console.Error.WriteLineAsync(
                    $"  {(remark.Length > MaxRemarkLength ? remark[..MaxRemarkLength] : remark)}"
                );
        }

        return new FailureRuns(
            failure,
            variant,
            runs,
            stop.IsCancellationRequested ? "the campaign was interrupted" : "no run was completed"
        );
    }

    /// <summary>
    /// A city that does not start, or a failure that cannot be caused, counts as no run; the campaign continues.
    /// </summary>
    private static async Task<RunFigures?> TryAsync(Failure failure, RunPlan plan)
    {
        try
        {
            return await FailureRun.RunAsync(failure, plan);
        }
        catch (Exception e)
            when (e is InvalidOperationException or TimeoutException or HttpRequestException or Xunit.Sdk.XunitException
            )
        {
            await Console.Error.WriteLineAsync($"{failure.Name} could not be run: {e.Message}");
            return null;
        }
    }

    private static Failure Named(string name)
    {
        try
        {
            return FailureList.Named(name);
        }
        catch (ArgumentException e)
        {
            throw new LoadException(e.Message);
        }
    }
}
