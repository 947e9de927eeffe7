using Grid.Silo.Hosting;
using Grid.Silo.Transfer;

namespace Grid.Gateway.Commands;

/// <summary>The grains and their store without a web server, for commands.</summary>
internal static class CommandHost
{
    /// <summary>A host that a command starts, to call grains: nobody else is to call meanwhile.</summary>
    internal static IHost ForGrains(CommandArguments arguments) => Builder(arguments).Build();

    /// <summary>A host that is not started, for its store alone.</summary>
    internal static IHost ForTransfer(CommandArguments arguments)
    {
        var builder = Builder(arguments);
        builder.Services.UseForTransfer();
        return builder.Build();
    }

    private static HostApplicationBuilder Builder(CommandArguments arguments)
    {
        var builder = Host.CreateApplicationBuilder(arguments.Settings);
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddGridMember(GridRole.All);
        return builder;
    }
}
