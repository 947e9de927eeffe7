using Grid.Hosting.Telemetry;
using Microsoft.Extensions.Logging;

namespace Grid.Tests.Telemetry;

/// <summary>A city that comes in must not fill the log.</summary>
public sealed class QuietLogTests
{
    [Theory]
    [InlineData("Orleans.Runtime.Catalog")]
    [InlineData("Polly")]
    public void Of_Orleans_only_what_goes_wrong_is_logged(string category)
    {
        using var factory = LoggerFactory.Create(static log => log.AddConsole().QuietOrleans());
        var logger = factory.CreateLogger(category);
        Assert.False(logger.IsEnabled(LogLevel.Information));
        Assert.True(logger.IsEnabled(LogLevel.Warning));
    }
}
