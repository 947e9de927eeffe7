using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Charts;

/// <summary>On Orleans.</summary>
public sealed partial class MetricNamesTests
{
    /// <summary>
    /// Beside the embedded engine's own figures, the ends of certificates: Orleans' connections have none, a mesh or an
    /// encrypting network stands in their place.
    /// </summary>
    private static bool IsOfOtherEngine(string metric) =>
        (metric.StartsWith("grid_engine_", StringComparison.Ordinal) && !metric.StartsWith("grid_engine_queue_wait_", StringComparison.Ordinal))
        || metric == "grid_certificate_expiry_seconds";

    /// <summary>A silo measures all of it, alone or not.</summary>
    private static IDisposable? MakeOfCluster(IMeterFactory meters) => null;
}
