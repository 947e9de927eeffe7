using Grid.Keys;
using Grid.Results;
using Microsoft.Extensions.Options;

namespace Grid.Sampling;

/// <summary>The services of a tube's grain behind one reference.</summary>
public sealed class TubeServices(
    TimeProvider time,
    IOptions<SamplingOptions> options,
    ResultMetrics metrics,
    ProfileVault vault
)
{
    public TimeProvider Time { get; } = time;

    public SamplingOptions Options { get; } = options.Value;

    public ResultMetrics Metrics { get; } = metrics;

    public ProfileVault Vault { get; } = vault;
}
