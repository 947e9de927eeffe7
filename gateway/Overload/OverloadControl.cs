using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Metrics;
using Grid.Gateway.Tracing;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Overload;

/// <summary>
/// Admits a client's call when it gets a slot, else refuses it. Runs after the token check, so that a call with a bad
/// token takes no slot. Health, metrics and pages bypass it: they matter most under load.
/// </summary>
internal sealed class OverloadControl(RequestDelegate next, ConcurrencyLimiter limiter)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint && RequestWatch.Classify(context.Request.Path) is { } path
            ? AdmitAsync(context, PriorityOf(context, path))
            : next(context);

    private static RequestPriority PriorityOf(HttpContext context, RequestPath path) =>
        path switch
        {
            RequestPath.Display or RequestPath.Scan => RequestPriority.Doors,
            RequestPath.Results or RequestPath.Sampling => RequestPriority.Results,
            _ => context.Features.Get<CallerFeature>() is null
                ? RequestPriority.Anonymous
                : RequestPriority.Authenticated,
        };

    private async Task AdmitAsync(HttpContext context, RequestPriority priority)
    {
        if ((limiter.TryEnter(priority) ?? await limiter.WaitAsync(priority)) is not { } slot)
        {
            await Problems.WriteAsync(context, ErrorCodes.Overloaded, retryAfterSeconds: limiter.RetryAfterSeconds());
            return;
        }
        try
        {
            // The caller may have disconnected while the request waited.
            if (context.RequestAborted.IsCancellationRequested)
                return;
            if (priority != RequestPriority.Doors)
                context.Features.Set<IOverloadSlot>(slot);
            var answer = next(context);
            slot.AnsweredAtOnce = answer.IsCompleted;
            await answer;
        }
        finally
        {
            slot.Release();
        }
    }
}

/// <summary>Adds overload control to the gateway.</summary>
internal static class GatewayOverload
{
    internal static IServiceCollection AddOverloadControl(this IServiceCollection services)
    {
        services.AddOptions<OverloadOptions>().BindConfiguration(OverloadOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OverloadOptions>, OverloadOptionsValidator>();
        return services.AddSingleton<ConcurrencyLimiter>();
    }
}
