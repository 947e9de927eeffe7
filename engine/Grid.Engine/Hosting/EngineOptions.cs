using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Grid.Engine.Hosting;

/// <summary>Settings of the embedded engine. All have defaults.</summary>
public sealed class EngineOptions
{
    /// <summary>The shortest step of the clock.</summary>
    public static readonly TimeSpan ClockStepMin = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<string, TimeSpan> _collectionAges = new(StringComparer.Ordinal);

    /// <summary>How long a caller waits when the method has no <see cref="ResponseTimeoutAttribute"/>. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls may wait at one activation before further ones are refused. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingCalls { get; set; } = 10_000;

    /// <summary>How long an activation stays without a call, unless its type has another age. Default 2 h.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromHours(2);

    /// <summary>
    /// In what time the collector goes once through all activations. Default 1 min. An age is kept to within this, or within a
    /// twentieth of itself where that is longer.
    /// </summary>
    public TimeSpan CollectionPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Size of the managed heap in bytes beyond which the tenth of the activations that is idle for longest is dropped whatever
    /// its age, once for each full garbage collection; 0 = no limit, the default.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long MemoryLimitBytes { get; set; }

    /// <summary>How long a shutdown waits for turns and deactivations. Default 20 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Step of the clock that ends waiting calls; a time-out is late by at most two of them. Default 50 ms.</summary>
    public TimeSpan ClockStep { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Where grains are looked for. Empty: in all assemblies of the process that were built with the engine.</summary>
    public IList<Assembly> Assemblies { get; } = [];

    /// <summary>Sets the collection age of one type. <see cref="Timeout.InfiniteTimeSpan"/>: never collected by age.</summary>
    /// <param name="grainType">Its name, as in <see cref="GrainTypeAttribute"/>.</param>
    /// <param name="age">Longer than zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The age is zero or negative.</exception>
    public void SetCollectionAge(string grainType, TimeSpan age)
    {
        if (age != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero);
        }

        _collectionAges[grainType] = age;
    }

    internal TimeSpan CollectionAgeOf(string grainType) => _collectionAges.GetValueOrDefault(grainType, CollectionAge);
}
