using Orleans.Runtime.Messaging;

namespace Grid.Tests.Http;

/// <summary>What Orleans throws of its own.</summary>
public sealed partial class FaultTests
{
    public static TheoryData<Exception, string> OfTheEngine => new()
    {
        { new SiloUnavailableException("m"), "timeout" },
        { new GatewayTooBusyException("m"), "overloaded" },
    };
}
