using Grid.Codes;
using Grid.Residents;

namespace Grid.Gateway.Residents;

/// <summary>
/// Reads a resident's view: from what this process publishes when the resident is active here, else by a grain call, which
/// activates the resident where it belongs.
/// </summary>
internal sealed class ResidentReader
{
    private readonly IGrainFactory _grains;
    private readonly ResidentViews? _views;
    private Names? _names;

    /// <param name="grains">The way to the grains.</param>
    /// <param name="views">The residents of this process; null in a process that hosts none.</param>
    internal ResidentReader(IGrainFactory grains, ResidentViews? views) => (_grains, _views) = (grains, views);

    private sealed record Names(GrainType Type, GrainInterfaceType Interface);

    /// <summary>
    /// A reference to a resident. <c>GetGrain&lt;T&gt;(Guid)</c> resolves the names of the types at each call and costs 3 µs;
    /// with both known it costs 0.2 µs. A gateway learns them from the first silo, so not before the first call.
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
        // The benchmark's baselines put rows in the place of grains.
        if (grain is GrainReference reference)
            _names = new Names(reference.GrainId.Type, reference.InterfaceType);
        return grain;
    }

    /// <summary>The view at this moment.</summary>
    internal ValueTask<CodeView> ShowAsync(Guid resident) =>
        _views is not null && _views.TryShow(resident, out var view) ? new(view) : Grain(resident).Show();
}
