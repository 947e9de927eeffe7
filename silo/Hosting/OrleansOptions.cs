using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Hosting;

/// <summary>How a process finds its cluster in an Orleans build. Section <c>Grid</c>, beside <see cref="GridOptions"/>.</summary>
public sealed class OrleansOptions
{
    /// <summary>
    /// The Redis server that holds the membership of the silos, as a StackExchange.Redis connection string. None, the
    /// default: one silo on this machine.
    /// </summary>
    [StringLength(1024)]
    public string? Redis { get; set; }

    /// <summary>
    /// For a gateway: the Redis server of a cluster that it calls instead of hosting grains itself. None, the default: it
    /// hosts a silo.
    /// </summary>
    [StringLength(1024)]
    public string? Cluster { get; set; }

    /// <summary>The name of the cluster; silos of one name find each other. Default <c>grid</c>.</summary>
    [Required, StringLength(150, MinimumLength = 1)]
    public string ClusterId { get; set; } = "grid";

    /// <summary>The address or name that other silos reach this one at. None: the first address of the machine.</summary>
    [StringLength(255)]
    public string? Address { get; set; }

    /// <summary>The port for other silos; 0, the default, takes a free one.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; }

    /// <summary>The port for gateways; 0, the default, takes a free one.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; set; }

    /// <summary>
    /// Grains whose place a silo remembers, in a cluster. Memory is taken for all of them at once, 8 bytes each, and more
    /// when they are met. Default 16,000,000: a city of 12.95 M residents and the tubes of a day.
    /// </summary>
    [Range(1_000, 200_000_000)]
    public int DirectoryCacheEntries { get; set; } = 16_000_000;

    private const string OfTheOtherEngine =
        "Grid:Cluster:… and --cluster are of the embedded engine; silos on Orleans find each other by Grid:Redis, gateways by Grid:Cluster.";

    /// <summary>The settings of a configuration. They are needed before there are services.</summary>
    /// <exception cref="OptionsValidationException">One of them can't be.</exception>
    public static OrleansOptions Of(IConfiguration configuration)
    {
        // Taken for nothing, it would leave each silo alone with the same data.
        if (configuration.GetSection($"{GridOptions.Section}:{nameof(Cluster)}").GetChildren().Any())
            throw new OptionsValidationException(GridOptions.Section, typeof(OrleansOptions), [OfTheOtherEngine]);
        var options = configuration.GetSection(GridOptions.Section).Get<OrleansOptions>() ?? new OrleansOptions();
        var found = new OrleansOptionsValidator().Validate(null, options);
        return found.Failed
            ? throw new OptionsValidationException(GridOptions.Section, typeof(OrleansOptions), found.Failures)
            : options;
    }
}

/// <summary>Checks <see cref="OrleansOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class OrleansOptionsValidator : IValidateOptions<OrleansOptions>;
