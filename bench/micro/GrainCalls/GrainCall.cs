using BenchmarkDotNet.Attributes;

namespace Grid.Bench.Micro.GrainCalls;

/// <summary>
/// A call inside a silo, including the creation of its reference: to one hot grain, and to one of 100,000 in random
/// order. A published view saves a display this cost.
/// </summary>
public class GrainCall
{
    private BenchSilo _silo = null!;
    private int _next;

    /// <summary>Number of grains in memory, called in turn.</summary>
    [Params(1, 100_000)]
    public int Hot { get; set; }

    /// <summary>Makes the grains.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _silo = new BenchSilo(Hot);
        _silo.Preload();
    }

    /// <summary>Ends the silo.</summary>
    [GlobalCleanup]
    public void Cleanup() => _silo.Dispose();

    /// <summary>A read that interleaves.</summary>
    [Benchmark(Baseline = true)]
    public ValueTask<int> Show() => Next().Show(1);

    /// <summary>A turn that completes synchronously.</summary>
    [Benchmark]
    public ValueTask<int> Add() => Next().Add(1);

    /// <summary>A turn that returns a task.</summary>
    [Benchmark]
    public Task<int> AddAsTask() => Next().AddAsTask(1);

    /// <summary>A turn that continues after an await.</summary>
    [Benchmark]
    public async Task<int> AddLaterAsync() => await Next().AddLater(1);

    private IBenchGrain Next()
    {
        var index = _next + 1;
        _next = index = index < Hot ? index : 0;
        return _silo.Grains.GetGrain<IBenchGrain>(_silo.Keys[index]);
    }
}
