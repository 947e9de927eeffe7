using System.Reflection;
using Grid.Silo.Cluster;
using Orleans.CodeGeneration;
using Orleans.Serialization.Invocation;

namespace Grid.Tests.Simulation;

/// <summary>
/// The calls of one member. It replaces Orleans' messaging: it places a call on a silo, sends it over the simulated
/// network, waits and times out.
/// </summary>
internal sealed class SimCalls : IGrainReferenceRuntime
{
    // Orleans checks for overdue calls once a second.
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);

    private readonly SimMember _member;
    private readonly Dictionary<long, SimCall> _open = [];
    private readonly ITimer _timer;
    private long _last;

    internal SimCalls(SimMember member)
    {
        _member = member;
        Grains = new SimGrains(this);
        _timer = member.Process.Clock.CreateTimer(_ => GiveUpOverdue(), null, Sweep, Sweep);
    }

    internal SimGrains Grains { get; }

    internal SimMember Member => _member;

    /// <summary>The filters of outgoing calls, in registration order.</summary>
    internal IOutgoingGrainCallFilter[] Filters { get; set; } = [];

    private SimCluster Cluster => _member.Cluster;

    private SimProcess Process => _member.Process;

    /// <inheritdoc/>
    public ValueTask<T?> InvokeMethodAsync<T>(
        GrainReference reference,
        IInvokable request,
        InvokeMethodOptions options
    ) => new(Invoke<T>(reference, (IRequest)request));

    /// <inheritdoc/>
    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        new(Invoke<object>(reference, (IRequest)request));

    /// <inheritdoc/>
    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        _ = Invoke<object>(reference, (IRequest)request);

    /// <inheritdoc/>
    public object Cast(IAddressable grain, Type interfaceType) =>
        Grains.Reference(((GrainReference)grain).GrainId, interfaceType);

    /// <summary>Sends a request. The response carries the exception of a failed call.</summary>
    internal Task<Response> Send(GrainId target, IRequest request, GrainId? source)
    {
        var call = new SimCall(++_last, this, target, request, source, Process.Local + SimTimes.ResponseTimeout.Ticks);
        _open.Add(call.Number, call);
        Route(new SimMessage(call, request, 0));
        return call.Answer;
    }

    /// <summary>Sends a message to the silo of its grain.</summary>
    internal void Route(SimMessage message)
    {
        var call = message.Call;
        try
        {
            var silo = Locate(call.Target);
            if (call.Sender == this)
                call.SentTo = silo;
            Transmit(silo, message);
        }
        catch (Exception exception)
        {
            _member.Reply(message, Response.FromException(exception));
        }
    }

    /// <summary>Handles a response.</summary>
    internal void Answer(SimCall call, Response response)
    {
        if (_open.Remove(call.Number))
            call.Complete(response);
    }

    /// <summary>Fails the calls to a dead silo: their outcome is unknown.</summary>
    internal void Break(SiloAddress silo)
    {
        foreach (
            var call in _open
                .Values.Where(call => silo.Equals(call.SentTo))
                .OrderBy(static call => call.Number)
                .ToArray()
        )
            Answer(
                call,
                Response.FromException(new SiloUnavailableException($"The silo {silo} died with the call {call.What}."))
            );
    }

    /// <summary>Handles a rejected message as Orleans does.</summary>
    internal static OrleansMessageRejectionException Rejection(string why) =>
        (OrleansMessageRejectionException)
            Activator.CreateInstance(
                typeof(OrleansMessageRejectionException),
                BindingFlags.Instance | BindingFlags.NonPublic,
                null,
                [why],
                null
            )!;

    private async Task<T?> Invoke<T>(GrainReference reference, IRequest request)
    {
        var context = new SimOutgoingCall(this, Filters, reference, request, SimActivation.Current);
        await context.Invoke();
        if (context.Response!.Exception is { } exception)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
        return context.Response.Result is null ? default : context.Response.GetResult<T>();
    }

    /// <summary>Sends a message to a silo.</summary>
    internal void Transmit(SiloAddress silo, SimMessage message)
    {
        if (silo.Equals(_member.Address))
        {
            Process.Start(() => _member.Receive(message));
            return;
        }

        var wire = Cluster.Wire;
        wire.Send(_member, silo, target => target.Receive(message));
        if (wire.Doubles())
            wire.Send(
                _member,
                silo,
                target => target.Receive(message with { Request = SimTypes.Copy(message.Request) }),
                isLate: true
            );
    }

    private SiloAddress Locate(GrainId grain)
    {
        var view = _member.Map.Current;
        if (SimTypes.ClassOf(grain.Type).IsStatelessWorker && view.Hosts.Length > 0)
            return _member.HostsGrains ? _member.Address : Cluster.Wire.Random.Pick(view.Hosts);
        // A sender may be wrong for a moment, which causes a second activation if the setup allows it.
        if (view.Hosts.Length > 0 && Process.World.IsStormy && Cluster.Wire.Random.Chance(Cluster.Setup.Duplicates / 3))
            return Cluster.Wire.Random.Pick(view.Hosts);
        return view.OwnerOf(GrainPartition.Of(grain)) ?? throw new SiloUnavailableException("No silo hosts grains.");
    }

    private void GiveUpOverdue()
    {
        var now = Process.Local;
        foreach (
            var call in _open.Values.Where(call => call.DueAt <= now).OrderBy(static call => call.Number).ToArray()
        )
            Answer(call, Response.FromException(new TimeoutException($"{call.What} was not answered in time.")));
    }
}
