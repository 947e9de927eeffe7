using BenchmarkDotNet.Attributes;
using Grid.Codec;
using Grid.Codes;
using Grid.Residents;
using Grid.Results;
using Grid.Vaccination;

namespace Grid.Bench.Micro.Codec;

/// <summary>The codec on what a city writes and reads most: a resident's state.</summary>
public class CodecBenchmarks
{
    private const long NewYear = 1_641_254_400_000; // 2022-01-04, in milliseconds since 1970

    private readonly byte[] _scratch = new byte[1024];
    private readonly ResidentState _small = Resident(tests: 1, doses: 2, causes: 0);
    private readonly ResidentState _full = Resident(tests: 8, doses: 3, causes: 2);
    private byte[] _smallBytes = [];
    private byte[] _fullBytes = [];

    /// <summary>Prints the sizes, which matter as much as the times.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _smallBytes = Codec<ResidentState>.Encode(_small);
        _fullBytes = Codec<ResidentState>.Encode(_full);
        Console.WriteLine($"// sizes: small {_smallBytes.Length} B, full {_fullBytes.Length} B");
    }

    /// <summary>A resident with a test and two doses, into memory at hand.</summary>
    [Benchmark]
    public int WriteSmall() => Write(_small);

    /// <summary>The same, read.</summary>
    [Benchmark]
    public ResidentState? ReadSmall() => Codec<ResidentState>.Decode(_smallBytes);

    /// <summary>A resident with eight tests, three doses and two causes, into memory at hand.</summary>
    [Benchmark]
    public int WriteFull() => Write(_full);

    /// <summary>The same, read.</summary>
    [Benchmark]
    public ResidentState? ReadFull() => Codec<ResidentState>.Decode(_fullBytes);

    /// <summary>The same, copied as an argument of a call is.</summary>
    [Benchmark]
    public ResidentState CopyFull() => Codec<ResidentState>.Copy(_full);

    private int Write(ResidentState state)
    {
        var writer = new CodecWriter(_scratch);
        Codec<ResidentState>.Instance.Write(ref writer, state);
        return writer.Length;
    }

    private static ResidentState Resident(int tests, int doses, int causes) => new()
    {
        Profile = new byte[48],
        District = 610113,
        RegisteredUnixMs = NewYear + 123,
        Version = 12,
        Tests = [.. Enumerable.Range(0, tests).Select(index => new TestRecord(
            Guid.CreateVersion7(), 2, NewYear + index * 60_000, NewYear + index * 60_000 + 7_000, TestResult.Negative, false))],
        Doses = [.. Enumerable.Range(0, doses).Select(index => new Dose
        {
            Record = (ulong)index * 0x9E3779B97F4A7C15, GivenUnixMs = NewYear, Product = "BBIBP-CorV", Number = (byte)(index + 1),
        })],
        Causes = [.. Enumerable.Range(0, causes).Select(index => new Cause(
            Guid.CreateVersion7(), default, default, $"T-20220104-{index:D6}", 1, DateTimeOffset.FromUnixTimeMilliseconds(NewYear), null))],
    };
}
