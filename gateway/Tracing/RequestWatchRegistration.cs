using Grid.Gateway.Metrics;

namespace Grid.Gateway.Tracing;

/// <summary>Registers request metrics and traces.</summary>
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
