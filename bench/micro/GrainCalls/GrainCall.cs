using BenchmarkDotNet.Attributes;

namespace Grid.Bench.Micro.GrainCalls;

/// <summary>
/// A call inside a silo, with the reference made for it: of one hot grain, and of one among 100,000 in random order. This is the
/// cost that a published view saves a display.
/// </summary>
public class GrainCall
{
    private BenchSilo _silo = null!;
    private int _next;

    /// <summary>How many grains are in memory and called in turn.</summary>
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

    /// <summary>A turn of its own.</summary>
    [Benchmark]
    public ValueTask<int> Add() => Next().Add(1);

    /// <summary>A turn that returns a task.</summary>
    [Benchmark]
    public Task<int> AddAsTask() => Next().AddAsTask(1);

    /// <summary>A turn that goes on beyond an await.</summary>
    [Benchmark]
    public async Task<int> AddLaterAsync() => await Next().AddLater(1);

    private IBenchGrain Next()
    {
        var index = _next + 1;
        _next = index = index < Hot ? index : 0;
        return _silo.Grains.GetGrain<IBenchGrain>(_silo.Keys[index]);
    }
}
