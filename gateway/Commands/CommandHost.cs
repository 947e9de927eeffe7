using Grid.Commands;
using Grid.Gateway.Hosting;

namespace Grid.Gateway.Commands;

/// <summary>Hosts for commands: the grains and their store, without a web server.</summary>
internal static class CommandHost
{
    /// <summary>A host to start, for grain calls. The command must be its only caller.</summary>
    internal static IHost ForGrains(CommandSettings settings) => Builder(settings).Build();

    /// <summary>A host that stays unstarted, for its store alone.</summary>
    internal static IHost ForTransfer(CommandSettings settings)
    {
        var builder = Builder(settings);
        SiloInProcess.UseForTransfer(builder.Services);
        return builder.Build();
    }

    private static HostApplicationBuilder Builder(CommandSettings settings)
    {
        var builder = Host.CreateApplicationBuilder(settings.Arguments);
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddMember();
        return builder;
    }
}
