using System.Collections.Concurrent;
using System.Reflection;
using Grid.Residents;

namespace Grid.Silo.Cluster;

/// <summary>
/// Keeps the gate for calls to the product's grains. Shut before the turn, nothing is done. A change is checked after its turn
/// too: what it wrote may have come after its successor's read, so nobody may be told that it was done. A read needs no
/// second check: it shows what was true while the caller waited.
/// </summary>
/// <param name="gate">The gate.</param>
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
        // Orleans' own grains and services keep the cluster together: they go on.
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
