using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Grid.Tests.Simulation;

/// <summary>A request on its way to a grain, as its sender knows it.</summary>
/// <param name="number">Among all calls of the sender.</param>
/// <param name="sender">Who waits for the answer.</param>
/// <param name="target">Whom it is for.</param>
/// <param name="request">Orleans' generated request.</param>
/// <param name="source">The grain that sends it; null for a gateway.</param>
/// <param name="dueAt">When its sender gives up, by the sender's clock.</param>
internal sealed class SimCall(
    long number,
    SimCalls sender,
    GrainId target,
    IRequest request,
    GrainId? source,
    long dueAt
)
{
    // Orleans forwards a message at most twice.
    internal const int MaxHops = 3;

    private readonly TaskCompletionSource<Response> _answer = new();

    internal long Number { get; } = number;

    internal SimCalls Sender { get; } = sender;

    internal GrainId Target { get; } = target;

    internal IRequest Request { get; } = request;

    internal GrainId? Source { get; } = source;

    internal long DueAt { get; } = dueAt;

    /// <summary>Where it was sent last; null while its place is looked for.</summary>
    internal SiloAddress? SentTo { get; set; }

    internal Task<Response> Answer => _answer.Task;

    /// <summary>For the log.</summary>
    internal string What => $"{Target.Type}.{Request.GetMethodName()}";

    /// <summary>Answers the sender; a second answer, or one that comes too late, is dropped.</summary>
    internal void Complete(Response response) => _answer.TrySetResult(response);
}

/// <summary>One delivery of a call; a message that comes twice is two of them.</summary>
internal sealed record SimMessage(SimCall Call, IRequest Request, int Hops)
{
    internal bool IsAlwaysInterleave =>
        Request.Options.HasFlag(Orleans.CodeGeneration.InvokeMethodOptions.AlwaysInterleave);

    internal bool IsReadOnly => Request.Options.HasFlag(Orleans.CodeGeneration.InvokeMethodOptions.ReadOnly);
}

/// <summary>What the outgoing filters of a process see of a call.</summary>
internal sealed class SimOutgoingCall(
    SimCalls calls,
    IOutgoingGrainCallFilter[] filters,
    GrainReference reference,
    IRequest request,
    IGrainContext? source
) : IOutgoingGrainCallContext
{
    private int _stage;

    public object Grain => reference;

    public MethodInfo InterfaceMethod => request.GetMethod();

    public string InterfaceName => request.GetInterfaceName();

    public GrainInterfaceType InterfaceType => reference.InterfaceType;

    public string MethodName => request.GetMethodName();

    public IInvokable Request => request;

    public Response? Response { get; set; }

    public object? Result
    {
        get => Response is { Exception: null } response ? response.Result : null;
        set => Response = Orleans.Serialization.Invocation.Response.FromResult(value);
    }

    public IGrainContext? SourceContext => source;

    public GrainId? SourceId => source?.GrainId;

    public GrainId TargetId => reference.GrainId;

    /// <summary>The next filter, and behind the last one the call itself. A filter may call it again.</summary>
    public async Task Invoke()
    {
        var stage = _stage++;
        try
        {
            if (stage < filters.Length)
                await filters[stage].Invoke(this);
            else
                Response = await calls.Send(reference.GrainId, SimTypes.Copy(request), SourceId);
        }
        finally
        {
            _stage = stage;
        }
    }
}

/// <summary>What the incoming filters of a silo see of a call.</summary>
internal sealed class SimIncomingCall(SimActivation activation, IIncomingGrainCallFilter[] filters, SimMessage message)
    : IIncomingGrainCallContext
{
    private int _stage;

    public object Grain => activation.GrainInstance!;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var map = activation.GrainInstance!.GetType().GetInterfaceMap(message.Request.GetInterfaceType());
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
        }
    }

    public MethodInfo InterfaceMethod => message.Request.GetMethod();

    public string InterfaceName => message.Request.GetInterfaceName();

    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(message.Request.GetInterfaceType().FullName!);

    public string MethodName => message.Request.GetMethodName();

    public IInvokable Request => message.Request;

    public Response? Response { get; set; }

    public object? Result
    {
        get => Response is { Exception: null } response ? response.Result : null;
        set => Response = Orleans.Serialization.Invocation.Response.FromResult(value);
    }

    public GrainId? SourceId => message.Call.Source;

    public IGrainContext TargetContext => activation;

    public GrainId TargetId => activation.GrainId;

    /// <summary>The next filter, and behind the last one the method of the grain.</summary>
    public async Task Invoke()
    {
        var stage = _stage++;
        try
        {
            if (stage < filters.Length)
            {
                await filters[stage].Invoke(this);
                return;
            }

            Response = await message.Request.Invoke();
            // Filters see what the method throws.
            if (Response.Exception is { } exception)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
            Response = SimTypes.Copy(Response);
        }
        finally
        {
            _stage = stage;
        }
    }
}
