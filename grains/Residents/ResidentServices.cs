using Grid.Codes;
using Grid.Keys;
using Grid.Scans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Residents;

/// <summary>What every resident needs, in one reference: a city keeps millions of residents hot.</summary>
public sealed class ResidentServices(
    TimeProvider time,
    IOptions<CodeOptions> options,
    ProfileVault vault,
    [FromKeyedServices("grid")] IGrainStorage storage,
    IVisitLog visits,
    ResidentViews views)
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The settings of the colour rules.</summary>
    public CodeOptions Options { get; } = options.Value;

    /// <summary>Opens and seals profiles.</summary>
    public ProfileVault Vault { get; } = vault;

    /// <summary>Where states are stored.</summary>
    public IGrainStorage Storage { get; } = storage;

    /// <summary>Where visits are stored.</summary>
    public IVisitLog Visits { get; } = visits;

    /// <summary>Where this process publishes the states of its residents.</summary>
    public ResidentViews Views { get; } = views;
}
