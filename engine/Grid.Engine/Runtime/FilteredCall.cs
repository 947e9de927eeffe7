using System.Reflection;

namespace Grid.Engine.Runtime;

/// <summary>A call on its way through the filters: those of the silo first, the grain's own last.</summary>
internal sealed class FilteredCall(PendingCall call, Activation activation, Func<object, ValueTask<object?>> invoke)
    : IIncomingGrainCallContext
{
    private int _next;

    public object Grain => activation.Instance;

    public GrainId? SourceId => call.Caller?.GrainId;

    public GrainId TargetId => activation.GrainId;

    public IGrainContext TargetContext => activation;

    public string InterfaceName => call.Method.InterfaceType.FullName!;

    public string MethodName => call.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Info;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var map = activation.Instance.GetType().GetInterfaceMap(InterfaceMethod.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
        }
    }

    public object? Result { get; set; }

    public async Task Invoke()
    {
        var filters = call.Host.Filters;
        var index = _next++;
        if (index < filters.Length)
        {
            await filters[index].Invoke(this);
        }
        else if (index == filters.Length && activation.Instance is IIncomingGrainCallFilter own)
        {
            await own.Invoke(this);
        }
        else
        {
            Result = await invoke(activation.Instance);
        }
    }
}
