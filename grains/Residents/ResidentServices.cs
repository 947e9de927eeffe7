using Grid.Codes;
using Grid.Keys;
using Grid.Scans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Residents;

/// <summary>
/// The services of a resident's grain behind one reference: with millions of residents in memory, each field counts.
/// </summary>
public sealed class ResidentServices(
    TimeProvider time,
    IOptions<CodeOptions> options,
    ProfileVault vault,
    [FromKeyedServices("grid")] IGrainStorage storage,
    IVisitLog visits,
    ResidentViews views
)
{
    public TimeProvider Time { get; } = time;

    public CodeOptions Options { get; } = options.Value;

    public ProfileVault Vault { get; } = vault;

    public IGrainStorage Storage { get; } = storage;

    public IVisitLog Visits { get; } = visits;

    public ResidentViews Views { get; } = views;
}
