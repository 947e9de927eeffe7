using Microsoft.Extensions.Logging;

namespace Grid.Engine.Wire;

public sealed partial class SocketNetwork
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Listening for silos and gateways on {Endpoint} {Security}.")]
    private static partial void LogListening(ILogger log, string endpoint, string security);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to the silo at {Address}: '{Name}', release {Product}, protocol {Version}.")]
    private static partial void LogConnected(ILogger log, SiloAddress address, string name, string product, int version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo at {Address} can't be reached: {Reason}")]
    private static partial void LogNotConnected(ILogger log, SiloAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "'{Name}', release {Product}, has connected, protocol {Version}.")]
    private static partial void LogAccepted(ILogger log, string name, string product, int version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection was not accepted: {Reason}")]
    private static partial void LogNotAccepted(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to the silo at {Address} was lost: {Reason}.")]
    private static partial void LogLost(ILogger log, SiloAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "A peer takes no more calls: {Reason}")]
    private static partial void LogLeaving(ILogger log, string reason);
}
