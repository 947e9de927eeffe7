using Grid.Codes;
using Grid.Residents;

namespace Grid.Gateway.Residents;

/// <summary>
/// Reads a resident's view: from what this process publishes when the resident is active here, else by a grain call, which
/// activates the resident where it belongs.
/// </summary>
/// <param name="grains">The way to the grains.</param>
/// <param name="views">The residents of this process; null in a process that hosts none.</param>
internal sealed class ResidentReader(IGrainFactory grains, ResidentViews? views = null)
{
    /// <summary>The view at this moment.</summary>
    internal ValueTask<CodeView> ShowAsync(Guid resident) =>
        views is not null && views.TryShow(resident, out var view)
            ? new(view)
            : grains.GetGrain<IResidentGrain>(resident).Show();
}
