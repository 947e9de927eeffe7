using System.Diagnostics;
using System.Text.RegularExpressions;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Telemetry;

/// <summary>Prometheus' own check of <c>/metrics</c>.</summary>
public sealed class PromtoolMetricsTests(GridHost grid) : IClassFixture<GridHost>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [PromtoolFact]
    public async Task Promtool_finds_nothing_wrong_with_the_metrics()
    {
        await grid.DisplayAsync(await grid.RegisterAsync());
        var text = await grid.Http.GetStringAsync("/metrics");

        using var promtool = Process.Start(
            new ProcessStartInfo(Promtool.Executable!, ["check", "metrics"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var said = Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        // Orleans and the runtime name their own metrics.
        var lines = (await said.WaitAsync(Patience))
            .SelectMany(static part => part.Split('\n'))
            .Where(static line => line.Length > 0 && !Regex.IsMatch(line, "^(orleans|dotnet)_"));
        await promtool.WaitForExitAsync().WaitAsync(Patience);

        Assert.Empty(lines);
    }
}
