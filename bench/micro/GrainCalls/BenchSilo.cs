namespace Grid.Bench.Micro.GrainCalls;

/// <summary>A silo with so many grains in memory, on the engine that this build was made for: the other part hosts them.</summary>
internal sealed partial class BenchSilo : IDisposable
{
    internal IGrainFactory Grains { get; }

    internal Guid[] Keys { get; }

    // The same keys at every run.
    private static Guid[] DrawKeys(int count)
    {
        var keys = new Guid[count];
        var random = new Random(1);
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            keys[i] = new Guid(bytes);
        }

        return keys;
    }
}
