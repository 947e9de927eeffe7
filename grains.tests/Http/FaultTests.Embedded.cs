using Grid.Engine.Hosting;

namespace Grid.Tests.Http;

/// <summary>What the embedded engine throws of its own.</summary>
public sealed partial class FaultTests
{
    public static TheoryData<Exception, string> OfTheEngine => new()
    {
        { new GrainOverloadedException("m"), "overloaded" },
        { new GrainUnavailableException("m"), "overloaded" },
    };
}
