using Grid.Gateway.Access;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Metrics;
using Grid.Gateway.Overload;
using Grid.Gateway.Scans;
using Grid.Gateway.Tokens;
using Grid.Gateway.Tracing;

namespace Grid.Gateway.Hosting;

/// <summary>
/// Serves the display and the scan before routing, without a scope, an endpoint or a state machine. The same handlers
/// stand behind the mapped routes, which describe them and serve every other spelling of their paths. Every client's call is
/// let in here, or refused.
/// </summary>
internal sealed class HotRoutes
{
    private readonly RequestDelegate _next;
    private readonly Gatekeeper _gatekeeper;
    private readonly DisplayHandler _displays;
    private readonly ScanHandler _scans;
    private readonly ProblemWriter _problems;
    private readonly RequestWatch _watch;
    private readonly TimeProvider _time;
    private readonly AdmissionControl _admission;
    private readonly Func<HttpContext, Task> _serveDisplay;
    private readonly Func<HttpContext, Task> _serveScan;
    private readonly Func<HttpContext, long, Task> _runDisplay;
    private readonly Func<HttpContext, long, Task> _runScan;
    private readonly Func<HttpContext, long, Task> _runOther;

    public HotRoutes(
        RequestDelegate next, Gatekeeper gatekeeper, DisplayHandler displays, ScanHandler scans, ProblemWriter problems,
        RequestWatch watch, TimeProvider time, AdmissionControl admission)
    {
        _admission = admission;
        (_next, _gatekeeper, _displays, _scans, _problems, _watch, _time) = (next, gatekeeper, displays, scans, problems, watch, time);
        _serveDisplay = context => Guarded(context, display: true);
        _serveScan = context => Guarded(context, display: false);
        _runDisplay = (context, came) => Run(context, display: true, came);
        _runScan = (context, came) => Run(context, display: false, came);
        _runOther = (context, _) => _next(context);
    }

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is CodesEndpoints.DisplayPath && HttpMethods.IsGet(context.Request.Method))
            return Enter(context, display: true);
        if (path is ScansEndpoints.ScanPath && HttpMethods.IsPost(context.Request.Method))
            return Enter(context, display: false);
        return IsOfClients(context.Request.Path) ? EnterOther(context) : _next(context);
    }

    // Machines that ask how the gateway is must hear it most when it is busy.
    private static bool IsOfClients(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/fhir");

    private Task EnterOther(HttpContext context)
    {
        if (_admission.IsFull)
            return WaitAsync(context, RequestPath.Other, _runOther);
        var slot = new RequestSlot(_admission);
        context.Features.Set<IRequestSlot>(slot);
        var answer = _next(context);
        return answer.IsCompletedSuccessfully ? answer : CountSlotAsync(answer, slot);
    }

    private Task Enter(HttpContext context, bool display)
    {
        if (_admission.IsFull)
            return WaitAsync(context, display ? RequestPath.Display : RequestPath.Scan, display ? _runDisplay : _runScan);
        var answer = Run(context, display);
        // What is answered on this thread is over: nothing of it is under way that could be too much.
        return answer.IsCompletedSuccessfully ? answer : CountAsync(answer, _admission.Began());
    }

    private static async Task CountSlotAsync(Task answer, RequestSlot slot)
    {
        slot.Take();
        try
        {
            await answer;
        }
        finally
        {
            slot.Release();
        }
    }

    private async Task CountAsync(Task answer, int place)
    {
        try
        {
            await answer;
        }
        finally
        {
            _admission.Ended(place);
        }
    }

    private async Task WaitAsync(HttpContext context, RequestPath path, Func<HttpContext, long, Task> run)
    {
        // Whoever waits to be let in waits for an answer: it is part of the request's time.
        var came = _time.GetTimestamp();
        if (await _admission.WaitAsync() is { } place)
            await CountAsync(context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : run(context, came), place);
        else
            await RefuseAsync(context, path);
    }

    private async Task RefuseAsync(HttpContext context, RequestPath path)
    {
        _watch.Begin();
        await Problems.WriteAsync(context, ErrorCodes.Overloaded, retryAfterSeconds: _admission.RetryAfterSeconds());
        _watch.End(context, path, 0, timed: false);
    }

    private Task Run(HttpContext context, bool display, long came = 0)
    {
        var path = display ? RequestPath.Display : RequestPath.Scan;
        _watch.Begin();
        if (_watch.TryTrace(context, path, hot: true, display ? _serveDisplay : _serveScan) is { } traced)
            return traced;
        var timed = RequestMetrics.IsHotTimed();
        // A display is over before the clock would be read, unless it waits.
        var started = came != 0 ? came : timed || !display ? _time.GetTimestamp() : 0;
        Task answer;
        try
        {
            answer = Serve(context, display);
        }
        catch (Exception fault)
        {
            answer = _problems.AnswerAsync(context, fault);
        }
        if (!answer.IsCompletedSuccessfully)
            return FinishAsync(context, path, answer, started == 0 ? _time.GetTimestamp() : started, timed);
        _watch.End(context, path, started, timed);
        return Task.CompletedTask;
    }

    private async Task FinishAsync(HttpContext context, RequestPath path, Task answer, long started, bool timed)
    {
        try
        {
            await answer;
        }
        catch (Exception fault)
        {
            await _problems.AnswerAsync(context, fault);
        }
        finally
        {
            _watch.End(context, path, started, timed);
        }
    }

    private async Task Guarded(HttpContext context, bool display)
    {
        try
        {
            await Serve(context, display);
        }
        catch (Exception fault)
        {
            await _problems.AnswerAsync(context, fault);
        }
    }

    private Task Serve(HttpContext context, bool display)
    {
        if (_gatekeeper.Check(context, display ? Roles.Resident : Roles.Device, out var caller) is { } refused)
            return Problems.WriteAsync(context, refused);
        return display ? _displays.HandleAsync(context, caller) : _scans.HandleAsync(context, caller);
    }
}
