using Grid.Codes;
using Grid.Residents;

namespace Grid.Gateway.Residents;

/// <summary>
/// Reads a resident's view: from this process's published views when the resident is active here, else by a grain
/// call, which activates the resident on the silo of its partition.
/// </summary>
internal sealed class ResidentReader
{
    private readonly IGrainFactory _grains;
    private readonly ResidentViews? _views;
    private Names? _names;

    /// <param name="grains">The grain factory.</param>
    /// <param name="views">The active residents of this process; null in a process without grains.</param>
    internal ResidentReader(IGrainFactory grains, ResidentViews? views) => (_grains, _views) = (grains, views);

    private sealed record Names(GrainType Type, GrainInterfaceType Interface);

    /// <summary>
    /// A reference to a resident. <c>GetGrain&lt;T&gt;(Guid)</c> resolves the type names at each call and costs 3 µs;
    /// with cached types it costs 0.2 µs. A gateway gets the types from the first silo, so at the first call.
    /// </summary>
    internal IResidentGrain Grain(Guid resident)
    {
        if (_names is { } names)
            return (IResidentGrain)
                _grains.GetGrain(
                    GrainId.Create(names.Type, GrainIdKeyExtensions.CreateGuidKey(resident)),
                    names.Interface
                );
        var grain = _grains.GetGrain<IResidentGrain>(resident);
        // The benchmark's baselines substitute database rows for grains.
        if (grain is GrainReference reference)
            _names = new Names(reference.GrainId.Type, reference.InterfaceType);
        return grain;
    }

    /// <summary>The resident's current view.</summary>
    internal ValueTask<CodeView> ShowAsync(Guid resident) =>
        _views is not null && _views.TryShow(resident, out var view) ? new(view) : Grain(resident).Show();
}
