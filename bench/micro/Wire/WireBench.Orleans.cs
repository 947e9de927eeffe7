namespace Grid.Bench.Micro.Wire;

/// <summary>Orleans has a wire of its own.</summary>
internal static class WireBench
{
    internal static async Task<int> RunAsync(string[] args)
    {
        await Console.Error.WriteLineAsync($"wire {string.Join(' ', args)}: measures the embedded engine; build with GridEngine=Embedded.");
        return 1;
    }
}
