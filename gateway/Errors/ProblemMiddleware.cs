using Grid.Gateway.Tracing;

namespace Grid.Gateway.Errors;

/// <summary>Turns exceptions into answers, and gives every error without a body the problem-details body.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            var response = context.Response;
            if (response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null })
                await Problems.WriteAsync(context, ErrorCodes.OfStatus(response.StatusCode));
        }
        catch (Exception exception)
        {
            await AnswerAsync(context, exception);
        }
    }

    private Task AnswerAsync(HttpContext context, Exception exception)
    {
        // The caller has disconnected: no answer is possible.
        if (exception is (OperationCanceledException or IOException) && context.RequestAborted.IsCancellationRequested)
            return Task.CompletedTask;
        var (code, detail) = Faults.Map(exception);
        var tier = Faults.TierOf(exception);
        context.Features.Set(new RequestFault(code, tier));
        if (code.Status >= StatusCodes.Status500InternalServerError && exception is not RefusedException)
        {
            Failed(
                logger,
                code == ErrorCodes.Internal ? exception : null,
                context.GetEndpoint()?.DisplayName ?? "no route",
                code.Code,
                tier,
                Problems.TraceId(context)
            );
        }
        return Problems.WriteAsync(context, code, detail, (exception as RefusedException)?.RetryAfterSeconds);
    }

    [LoggerMessage(1, LogLevel.Error, "A request to {Route} failed with {Code} in the {Tier}, trace {TraceId}")]
    private static partial void Failed(
        ILogger logger,
        Exception? exception,
        string route,
        string code,
        string tier,
        string traceId
    );
}
