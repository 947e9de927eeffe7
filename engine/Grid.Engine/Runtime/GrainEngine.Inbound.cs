using System.Collections.Frozen;
using System.Diagnostics;
using Grid.Codec;
using Grid.Engine.Wire;

namespace Grid.Engine.Runtime;

/// <summary>The half of the engine that serves calls of other silos.</summary>
internal sealed partial class GrainEngine
{
    /// <summary>Name of the activity source of calls that came from another silo.</summary>
    public const string SourceName = "Grid.Engine";

    private static readonly ActivitySource s_source = new(SourceName);

    public void Dispatch(PendingCall call) => call.Host.Dispatch(call);

    public void Receive(in InboundCall inbound, ICallReplies replies)
    {
        if (_isRefusing)
        {
            // Whoever owns the grain next will do it; this silo has left the view or is about to.
            replies.NotOwner(inbound.Id, Router.ViewVersion);
            return;
        }

        if (_catalog.Find(inbound.TypeId) is not { } host || host.Inbound(inbound.MethodId) is not { } target)
        {
            replies.Fail(inbound.Id, new NotSupportedException(
                $"Silo {Environment.MachineName} has no grain type {inbound.TypeId:x8} with a method {inbound.MethodId:x8}: it runs another version."));
            return;
        }

        var call = target.Proxies.CreateCall(inbound.MethodId)!;
        try
        {
            var reader = new CodecReader(inbound.Arguments);
            call.ReadArguments(ref reader);
        }
        catch (CodecException damage)
        {
            call.Discard();
            replies.Fail(inbound.Id, damage);
            return;
        }

        call.PrepareInbound(host, inbound.Key, target.Method, inbound.Id, replies);
        if (inbound.Trace == default)
        {
            Run(host, call, inbound.RemainingMs);
        }
        else
        {
            RunTraced(host, call, inbound);
        }
    }

    internal FrozenDictionary<uint, GrainHost.InboundMethod> InboundMethodsOf(GrainHost host) => _catalog.InboundMethodsOf(host);

    private static void Run(GrainHost host, PendingCall call, uint remainingMs)
    {
        if (host.TryEnter(call, out var turn))
        {
            call.RunInbound(turn, remainingMs);
            return;
        }

        call.Detach(remainingMs);
        if (call.Span is not null)
        {
            call.CaptureFlow();
        }

        host.Dispatch(call);
    }

    private static void RunTraced(GrainHost host, PendingCall call, in InboundCall inbound)
    {
        var outer = Activity.Current;
        call.Span = s_source.StartActivity(call.Method.ToString(), ActivityKind.Server, inbound.Trace)
            ?? new Activity(call.Method.ToString()).SetParentId(inbound.Trace.TraceId, inbound.Trace.SpanId, inbound.Trace.TraceFlags).Start();
        try
        {
            Run(host, call, inbound.RemainingMs);
        }
        finally
        {
            Activity.Current = outer;
        }
    }
}
