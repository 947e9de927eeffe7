using System.Diagnostics;
using System.Globalization;

namespace Grid.Bench.Micro.GrainCalls;

/// <summary>
/// What a million grains in memory cost: <c>dotnet run --project bench/micro -c Release -- memory [count]</c>. Counts the activation, the
/// grain object, its state's holder and its place in the directory; the state itself (24 bytes here) is told apart.
/// </summary>
internal static class ActivationMemory
{
    private const int DefaultCount = 1_000_000;
    private const int StateBytes = 24;

    internal static void Run(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : DefaultCount;
        using var silo = new BenchSilo(count);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        silo.Preload();
        var took = Stopwatch.GetElapsedTime(started);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count:N0} activations: {bytes / (double)count - StateBytes:F1} bytes each, and {StateBytes} of state; made in {took.TotalSeconds:F2} s ({count / took.TotalSeconds:N0}/s)"));
        GC.KeepAlive(silo);
    }
}
