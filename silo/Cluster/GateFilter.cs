using System.Collections.Concurrent;
using System.Reflection;
using Grid.Residents;

namespace Grid.Silo.Cluster;

/// <summary>
/// Applies the gate to calls of the product's grains. If it is shut before the turn, nothing is done. A write is
/// checked after its turn too: it may have followed the successor's read, so its success must not be reported. A read
/// needs no second check: its result was true while the caller waited.
/// </summary>
internal sealed class GateFilter(Gate gate) : IIncomingGrainCallFilter
{
    private static readonly Assembly Grains = typeof(ResidentGrain).Assembly;
    private readonly ConcurrentDictionary<MethodInfo, Kind> _kinds = new();

    private enum Kind
    {
        NotOurs,
        Read,
        Change,
    }

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        var kind = _kinds.GetOrAdd(context.InterfaceMethod, static method => KindOf(method));
        // Orleans' own grains and services keep the cluster together, so they bypass the gate.
        if (kind == Kind.NotOurs)
            return context.Invoke();
        if (!gate.IsOpen)
            throw new NotServingException();
        return kind == Kind.Read ? context.Invoke() : ChangeAsync(context);
    }

    private async Task ChangeAsync(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (!gate.IsOpen)
            throw new OutcomeUnknownException();
    }

    private static Kind KindOf(MethodInfo method) =>
        method.DeclaringType?.Assembly != Grains ? Kind.NotOurs
        : method.IsDefined(typeof(ReadOnlyAttribute)) ? Kind.Read
        : Kind.Change;
}
