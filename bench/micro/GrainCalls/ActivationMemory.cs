using System.Diagnostics;
using System.Globalization;
using Grid.Hosting.Settings;
using Grid.Keys;
using Grid.Residents;
using Grid.Results;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Grid.Vaccination;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Bench.Micro.GrainCalls;

/// <summary>
/// Measures the memory of a hot resident, overhead included: <c>dotnet run --project bench/micro -c Release -- memory
/// [count]</c>. The product's own silo and store; residents of a typical state (a sealed profile, three tests, three
/// doses), each activated by a display.
/// </summary>
internal static class ActivationMemory
{
    internal const string FillCommand = "memory-fill";

    private const int DefaultCount = 500_000;
    private const int Callers = 256;
    private const int WritesAtOnce = 4_096;
    private const int MaxBytesEach = 2_000;

    /// <summary>Fills a store in another process, so that this one starts clean, and measures.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : DefaultCount;
        var folder = Directory.CreateTempSubdirectory("grid-memory-").FullName;
        try
        {
            string[] fill =
            [
                typeof(ActivationMemory).Assembly.Location,
                FillCommand,
                folder,
                count.ToString(CultureInfo.InvariantCulture),
            ];
            using (var filler = Process.Start("dotnet", fill))
            {
                await filler.WaitForExitAsync();
                if (filler.ExitCode != 0)
                    return filler.ExitCode;
            }

            await MeasureAsync(folder, count);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the residents and exits.</summary>
    internal static async Task<int> FillAsync(string[] args)
    {
        var (folder, count) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
        using var host = Build(folder);
        var storage = host.Services.GetRequiredKeyedService<IGrainStorage>(GridGrainStorage.Name);
        var vault = host.Services.GetRequiredService<ProfileVault>();
        var bound = new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), bound, async (number, _) =>
        {
            var key = KeyOf(number);
            var grain = GrainId.Create(ResidentGrain.TypeName, key.ToString("N"));
            await storage.WriteStateAsync(
                ResidentGrain.StateName,
                grain,
                new GrainState<ResidentState>(Usual(key, number, vault))
            );
        });
        return 0;
    }

    private static async Task MeasureAsync(string folder, int count)
    {
        using var host = Build(folder);
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await grains.GetGrain<IResidentGrain>(KeyOf(0)).Show();
        var (heap, resident) = (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
        var started = Stopwatch.GetTimestamp();
        var bound = new ParallelOptions { MaxDegreeOfParallelism = Callers };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), bound, async (number, _) =>
        {
            if (!(await grains.GetGrain<IResidentGrain>(KeyOf(number)).Show()).Registered)
                throw new InvalidOperationException($"resident {number} is not there");
        });
        var took = Stopwatch.GetElapsedTime(started);
        var grown = Environment.WorkingSet - resident;
        var heapEach = (GC.GetTotalMemory(forceFullCollection: true) - heap) / (double)count;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var compactEach = (Environment.WorkingSet - resident) / (double)count;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                {count:N0} residents, activated on demand at {count / took.TotalSeconds:N0}/s

                | a hot resident, all in | bytes | target |
                |---|---:|---:|
                | managed heap in use | {heapEach:N0} | ≤ {MaxBytesEach:N0} |
                | growth of the process, after a collection that compacts | {compactEach:N0} | |
                | growth of the process, garbage included | {grown / (double)count:N0} | |
                """
            )
        );
        await host.StopAsync();
    }

    // The product's own silo on a data folder.
    private static IHost Build(string folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Grid:Data"] = folder,
                ["Grid:Silo:Preload"] = "false",
                // A long timeout: this measures memory, not time.
                ["Grid:Silo:ResponseTimeout"] = "00:01:00",
            }
        );
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.AddGridMember(GridRole.All);
        return builder.Build();
    }

    private static Guid KeyOf(int number)
    {
        // Spread over the partitions like hashed keys, and the same in every run.
        Span<byte> bytes = stackalloc byte[16];
        new Random(number).NextBytes(bytes);
        return new Guid(bytes);
    }

    private static ResidentState Usual(Guid key, int number, ProfileVault vault)
    {
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        var now = DateTimeOffset.UnixEpoch.AddYears(52).ToUnixTimeMilliseconds();
        var person = new PersonalData(
            $"张{number % 1_000}",
            $"6101131990010{number % 100_000:00000}",
            $"138{number % 100_000_000:00000000}"
        );
        return new ResidentState
        {
            Profile = vault.Seal(key, person),
            District = 610_113,
            RegisteredUnixMs = now - 300 * day,
            Version = 7,
            Tests =
            [
                .. Enumerable
                    .Range(0, 3)
                    .Select(test => new TestRecord(
                        StableId.Of($"{number}|{test}"),
                        21,
                        now - (3 - test) * day,
                        now - (3 - test) * day + day / 4,
                        TestResult.Negative,
                        Withdrawn: false,
                        IsSingle: false
                    )),
            ],
            Doses =
            [
                .. Enumerable
                    .Range(1, 3)
                    .Select(dose => new Dose
                    {
                        Record = StableId.ShortOf($"{number}-{dose}"),
                        GivenUnixMs = now - (4 - dose) * 60 * day,
                        Product = "CoronaVac",
                        Number = (byte)dose,
                    }),
            ],
        };
    }
}
