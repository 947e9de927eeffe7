using Grid.Gateway.Metrics;

namespace Grid.Gateway.Tracing;

/// <summary>Adds what counts, times and traces requests.</summary>
internal static class RequestWatchRegistration
{
    internal static IServiceCollection AddRequestWatch(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<HotCounters>();
        services.AddSingleton<RequestMetrics>();
        return services.AddSingleton<RequestTraces>();
    }
}
