using Grid.Gateway.Tracing;

namespace Grid.Gateway.Errors;

/// <summary>Gives every error that has no body yet the body that all errors have, and turns exceptions into answers.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ProblemWriter problems)
{
    public Task InvokeAsync(HttpContext context) => problems.GuardAsync(context, RunAsync(context));

    private async Task RunAsync(HttpContext context)
    {
        await next(context);
        var response = context.Response;
        if (response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null })
            await Problems.WriteAsync(context, ErrorCodes.OfStatus(response.StatusCode));
    }
}

/// <summary>Turns exceptions into answers, and logs those that nobody expected.</summary>
internal sealed partial class ProblemWriter(ILogger<ProblemWriter> logger)
{
    /// <summary>Waits for an answer; if it fails, answers why.</summary>
    internal async Task GuardAsync(HttpContext context, Task answer)
    {
        try
        {
            await answer;
        }
        catch (Exception fault)
        {
            await AnswerAsync(context, fault);
        }
    }

    /// <summary>Answers with what became of the request.</summary>
    internal Task AnswerAsync(HttpContext context, Exception fault)
    {
        // The caller went away: nobody is there to be answered.
        if (fault is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
            return Task.CompletedTask;
        var (code, detail) = Faults.Map(fault);
        var tier = Faults.TierOf(fault);
        context.Features.Set(new RequestFault(code, tier));
        if (code.Status >= StatusCodes.Status500InternalServerError)
        {
            Failed(
                logger, code == ErrorCodes.Internal ? fault : null, context.GetEndpoint()?.DisplayName ?? "hot route",
                code.Code, tier, Problems.TraceId(context));
        }
        return Problems.WriteAsync(context, code, detail, (fault as RefusedException)?.RetryAfterSeconds);
    }

    [LoggerMessage(1, LogLevel.Error, "A request to {Route} failed with {Code} in the {Tier}, trace {TraceId}")]
    private static partial void Failed(ILogger logger, Exception? fault, string route, string code, string tier, string traceId);
}
