using System.Collections.Concurrent;
using System.Diagnostics;
using Grid.Scans;
using Grid.Silo.Stores.Postgres;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Stores;

/// <summary>The server stalls, or is killed and restarted.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresFaultTests(PostgresServer server) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    // A timeout, the watch's period, and the time that a busy machine takes to run a continuation.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    private readonly PostgresHouse? _house = PostgresServer.Binaries is null ? null : NewHouse(server);

    private PostgresHouse House => _house!;

    [PostgresFact]
    public async Task A_frozen_server_is_unavailable_within_the_timeout_and_serves_again_when_it_resumes()
    {
        House.Open();
        var (grain, fresh) = (StoreHouse.Fresh(), StoreHouse.Fresh());
        var state = StoreHouse.New("before");
        await House.Write(grain, state);
        await House.Read(grain);
        var visit = StoreHouse.Visit("frozen", TimeProvider.System.GetUtcNow());
        server.Freeze();
        try
        {
            state.State!.Text = "during";
            await Task.WhenAll(
                Unavailable(House.States.WriteStateAsync("note", grain, state)),
                Unavailable(House.States.WriteStateAsync("note", fresh, StoreHouse.New("fresh"))),
                Unavailable(House.States.ReadStateAsync("note", grain, new GrainState<Note>())),
                Unavailable(House.Visits.AppendAsync(visit).AsTask())
            );
            Assert.Equal("1", state.ETag);
            // New connections are tried, and time out again.
            await Unavailable(House.Visits.AppendAsync(visit).AsTask());
        }
        finally
        {
            server.Thaw();
        }

        var read = await Eventually(() => House.Read(grain));
        // The outcome was unknown: either way the state is whole, and the grain continues from it.
        Assert.Contains((read.State!.Text, read.ETag), new (string, string?)[] { ("before", "1"), ("during", "2") });
        await Eventually(async () =>
        {
            var now = await House.Read(grain);
            now.State!.Text = "after";
            await House.Write(grain, now);
            return true;
        });
        var first = await Eventually(() => House.Visits.AppendAsync(visit).AsTask());
        Assert.NotEqual(VisitStatus.Conflict, first.Status);
        Assert.Equal(VisitStatus.Replayed, (await Eventually(() => House.Visits.AppendAsync(visit).AsTask())).Status);
    }

    [PostgresFact]
    public async Task A_full_queue_refuses_at_once_while_the_server_is_frozen()
    {
        House.UseOneWriter(maxQueueRows: 8);
        House.Open();
        await House.Write(StoreHouse.Fresh(), StoreHouse.New("before"));
        server.Freeze();
        try
        {
            var writes = Enumerable
                .Range(0, 64)
                .Select(number => House.States.WriteStateAsync("note", StoreHouse.Fresh(), StoreHouse.New($"{number}")))
                .ToArray();
            var codes = new List<string>();
            foreach (var write in writes)
                codes.Add((await Assert.ThrowsAsync<StoreException>(() => write.WaitAsync(StoreHouse.Patience))).Code);
            Assert.Contains(StoreErrorCodes.Overloaded, codes);
            Assert.Contains(StoreErrorCodes.Unavailable, codes);
        }
        finally
        {
            server.Thaw();
        }

        await Eventually(async () =>
        {
            await House.Write(StoreHouse.Fresh(), StoreHouse.New("after"));
            return true;
        });
    }

    [PostgresFact]
    public async Task A_killed_server_keeps_everything_that_was_acknowledged_and_is_reconnected()
    {
        // A server of its own: otherwise it would have to recover the other tests' writes.
        using var mortal = new PostgresServer();
        using var house = NewHouse(mortal);
        house.Open();
        var acknowledged = new ConcurrentDictionary<string, Visit>();
        var versions = new ConcurrentDictionary<GrainId, string>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var load = Enumerable
            .Range(0, 16)
            .Select(_ =>
                Task.Run(async () =>
                {
                    var grain = StoreHouse.Fresh();
                    var state = StoreHouse.New("load");
                    while (!stop.IsCancellationRequested)
                    {
                        try
                        {
                            var visit = StoreHouse.Visit(
                                Guid.CreateVersion7().ToString("D"),
                                TimeProvider.System.GetUtcNow()
                            );
                            await house.Visits.AppendAsync(visit);
                            acknowledged[visit.ScanId] = visit;
                            await house.Write(grain, state);
                            versions[grain] = state.ETag!;
                            if (acknowledged.Count > 300)
                                enough.TrySetResult();
                        }
                        catch (StoreException)
                        {
                            return;
                        }
                    }
                })
            )
            .ToArray();
        await enough.Task.WaitAsync(StoreHouse.Patience);
        mortal.Kill();
        await Task.WhenAll(load).WaitAsync(StoreHouse.Patience);
        await stop.CancelAsync();
        mortal.Start();

        foreach (var visit in acknowledged.Values)
            Assert.Equal(
                VisitStatus.Replayed,
                (await Eventually(() => house.Visits.AppendAsync(visit).AsTask())).Status
            );
        foreach (var (grain, version) in versions)
        {
            var stored = int.Parse((await Eventually(() => house.Read(grain))).ETag!);
            Assert.InRange(stored, int.Parse(version), int.Parse(version) + 1);
        }
    }

    [PostgresFact]
    public async Task A_start_waits_for_a_server_that_is_down()
    {
        using var mortal = new PostgresServer();
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var services = Services(mortal.CreateDatabase(), clock, TimeSpan.FromSeconds(30));
        mortal.Kill();
        var opening = Task.Run(services.GetRequiredService<PostgresStore>);
        await PausesAsync(clock, opening);
        mortal.Start();
        clock.Advance(RetryDelay);

        Assert.Single((await opening.WaitAsync(StoreHouse.Patience)).Databases);
    }

    [PostgresFact]
    public async Task A_start_gives_up_after_its_timeout()
    {
        using var mortal = new PostgresServer();
        var clock = new TestClock(TimeProvider.System.GetUtcNow());
        await using var services = Services(mortal.CreateDatabase(), clock, RetryDelay);
        mortal.Kill();
        var opening = Task.Run(services.GetRequiredService<PostgresStore>);
        await PausesAsync(clock, opening);
        clock.Advance(RetryDelay);

        Assert.Equal(
            StoreErrorCodes.Unavailable,
            (await Assert.ThrowsAsync<StoreException>(() => opening.WaitAsync(StoreHouse.Patience))).Code
        );
    }

    [PostgresFact]
    public void A_start_does_not_wait_for_a_database_that_does_not_exist()
    {
        var unknown = server.CreateDatabase().Replace("grid_", "none_", StringComparison.Ordinal);
        using var services = Services(
            unknown,
            new TestClock(TimeProvider.System.GetUtcNow()),
            TimeSpan.FromSeconds(30)
        );

        Assert.Contains(
            "refuses",
            Assert.Throws<StoreException>(services.GetRequiredService<PostgresStore>).Message,
            StringComparison.Ordinal
        );
    }

    public void Dispose() => _house?.Dispose();

    private static ServiceProvider Services(string database, TestClock clock, TimeSpan startTimeout) =>
        new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(clock)
            .AddPostgresStores(options =>
            {
                options.Postgres.Databases = [database];
                (options.Postgres.ConnectTimeout, options.Postgres.ReopenDelay, options.Postgres.StartTimeout) = (
                    Timeout,
                    RetryDelay,
                    startTimeout
                );
            })
            .BuildServiceProvider();

    /// <summary>Waits until the start has failed once and pauses before the next attempt.</summary>
    private static async Task PausesAsync(TestClock clock, Task opening)
    {
        await Waiting.UntilAsync(() => clock.Pending > 0 || opening.IsCompleted, "the start pauses");
        Assert.False(opening.IsCompleted);
    }

    private static PostgresHouse NewHouse(PostgresServer server) =>
        new(server, databases: 1)
        {
            Options = { WriteTimeout = Timeout, Postgres = { ReadTimeout = Timeout, ConnectTimeout = Timeout } },
        };

    private static async Task Unavailable(Task call)
    {
        var watch = Stopwatch.StartNew();
        var exception = await Assert.ThrowsAsync<StoreException>(() => call.WaitAsync(StoreHouse.Patience));
        Assert.Equal(StoreErrorCodes.Unavailable, exception.Code);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, AnswerMax);
    }

    // The server has no event for its recovery: poll until it answers, with a timeout.
    private static async Task<T> Eventually<T>(Func<Task<T>> call)
    {
        T? answer = default;
        await Waiting.UntilAsync(
            async () =>
            {
                try
                {
                    answer = await call();
                    return true;
                }
                catch (StoreException exception) when (exception.Code == StoreErrorCodes.Unavailable)
                {
                    return false;
                }
            },
            "the server is back",
            StoreHouse.Patience
        );
        return answer!;
    }
}
