using Grid.Hosting.Telemetry;
using Microsoft.Extensions.Logging;

namespace Grid.Tests.Telemetry;

/// <summary>The activation of a whole city must not fill the log.</summary>
public sealed class QuietLogTests
{
    [Theory]
    [InlineData("Orleans.Runtime.Catalog")]
    [InlineData("Polly")]
    public void Orleans_logs_only_warnings_and_errors(string category)
    {
        using var factory = LoggerFactory.Create(static log => log.AddConsole().QuietOrleans());
        var logger = factory.CreateLogger(category);
        Assert.False(logger.IsEnabled(LogLevel.Information));
        Assert.True(logger.IsEnabled(LogLevel.Warning));
    }
}
