using Grid.Codec;
using Grid.Engine.Cluster;
using Grid.Residents;
using Grid.Silo.Stores;

namespace Grid.Tests.Simulation;

/// <summary>A cluster without any other trouble, that loses its store, or a silo.</summary>
public sealed class OutageTests
{
    private const int People = 6;

    private static readonly long s_settled = TimeSpan.FromSeconds(8).Ticks;
    private static readonly long s_outage = TimeSpan.FromSeconds(6).Ticks;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void While_nobody_reaches_the_store_residents_in_memory_are_shown_and_then_no_silo_has_been_replaced(int silos)
    {
        var cold = 0;
        for (var seed = 1UL; seed <= 40; seed++)
        {
            using var scene = Scene.Begin(seed, silos);
            var before = scene.Members;
            scene.House.Outage(s_outage, isStall: seed % 2 == 0);
            var shows = scene.ShowAll(untilAfter: s_outage);
            Assert.True(shows.Failed.Count == 0, $"Seed {seed}: {string.Join("; ", shows.Failed.Take(3))}");
            Assert.True(shows.Answered > 0);
            Assert.True(shows.Slowest < SimWorld.Ms(400), $"Seed {seed}: a display took {shows.Slowest / TimeSpan.TicksPerMillisecond} ms.");
            cold += shows.Cold > 0 ? 1 : 0;
            scene.RunFor(TimeSpan.FromSeconds(8));
            Assert.Equal(before, scene.Members);
            Assert.Empty(scene.World.Faults);
        }

        // In seeds in which grains come and go some are not in memory; those are told so.
        Assert.InRange(cold, 0, 30);
    }

    [Fact]
    public void A_silo_that_loses_the_store_alone_is_replaced()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            using var scene = Scene.Begin(seed, silos: 3);
            var alone = scene.Members.Single(static id => id.Name == "silo-b");
            scene.House.CutFromStore(alone.Name, s_outage);
            Assert.True(scene.RunUntil(() => !scene.Members.Contains(alone), TimeSpan.FromSeconds(2)), $"Seed {seed}: it was not replaced.");
        }
    }

    [Fact]
    public void Who_joins_in_an_outage_of_the_others_does_not_replace_them()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            using var scene = Scene.Begin(seed, silos: 2);
            var before = scene.Members;
            scene.House.Outage(s_outage, isStall: false, scene.House.JoinSpare());
            var shows = scene.ShowAll(untilAfter: s_outage);
            Assert.True(shows.Failed.Count == 0, $"Seed {seed}: {string.Join("; ", shows.Failed.Take(3))}");
            Assert.Subset(scene.Members.ToHashSet(), before.ToHashSet());
            Assert.True(scene.Members.Count == 3, $"Seed {seed}: the joiner is no member.");
        }
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public void Killed_silos_are_replaced_within_a_second(int silos, int killed)
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            using var scene = Scene.Begin(seed, silos);
            var dead = scene.Members.Take(killed).ToArray();
            scene.House.Kill(dead);
            Assert.True(scene.RunUntil(() => !scene.Members.Intersect(dead).Any(), scene.KilledMax), $"Seed {seed}: not replaced.");
        }
    }

    [Fact]
    public void The_only_silo_is_replaced_by_one_of_another_name_when_it_was_killed()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            using var scene = Scene.Begin(seed, silos: 1);
            var dead = scene.Members.ToArray();
            scene.House.Kill(dead);
            scene.House.JoinSpare();
            Assert.True(scene.RunUntil(() => !scene.Members.Intersect(dead).Any(), scene.KilledMax * 2), $"Seed {seed}: not replaced.");
        }
    }

    private sealed class Scene : IDisposable
    {
        private readonly SimProcess _callers;
        private readonly Links _links;
        private readonly Guid[] _people;
        private readonly SimRandom _random;
        private readonly SimWeather _weather;

        private Scene(ulong seed, int silos)
        {
            World = new SimWorld(seed, new SimLog(isWritten: false));
            _random = World.Random.Fork(20);
            _weather = new SimWeather(World.Random.Fork(5));
            _callers = new SimProcess(World, "callers", 0);
            House = new ClusterHouse(World, _weather, SimSetup.Cluster with { Silos = silos });
            _links = new Links(World, _weather, _callers, SimRun.ClusterTimeout);
            _people = [.. Enumerable.Range(0, People).Select(_ => _random.Guid())];
        }

        internal SimWorld World { get; }

        internal ClusterHouse House { get; }

        internal IReadOnlyList<MemberId> Members => House.Members;

        /// <summary>A lease, a beat, and where the store is slow its way there and back some times.</summary>
        internal TimeSpan KilledMax => TimeSpan.FromMilliseconds(1_000 + (8 * _weather.RegistryMs));

        internal static Scene Begin(ulong seed, int silos)
        {
            var outside = SynchronizationContext.Current;
            try
            {
                var scene = new Scene(seed, silos);
                scene.House.Begin();
                scene.World.Run(static () => false, s_settled);
                scene.Do(scene.RegisterAsync);
                return scene;
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outside);
            }
        }

        public void Dispose() => House.Dispose();

        internal void RunFor(TimeSpan span) => World.Run(static () => false, World.Now + span.Ticks);

        internal bool RunUntil(Func<bool> holds, TimeSpan atMost) => World.Run(holds, World.Now + atMost.Ticks);

        /// <summary>Everybody looks at his phone all the time.</summary>
        internal Shows ShowAll(long untilAfter)
        {
            var shows = new Shows();
            Do(() => Task.WhenAll(_people.Select(person => ShowAsync(person, World.Now + untilAfter, shows))));
            return shows;
        }

        private void Do(Func<Task> work)
        {
            Task? done = null;
            _callers.Start(() => done = work());
            World.Run(() => done is { IsCompleted: true }, World.Now + TimeSpan.FromSeconds(60).Ticks);
            Assert.True(done is { IsCompletedSuccessfully: true }, $"{done?.Exception} {string.Join("; ", World.Faults)}");
        }

        private async Task RegisterAsync()
        {
            foreach (var (number, person) in _people.Index())
            {
                var registration = new Registration($"61011319900101{number:0000}", "张三", $"138{number:00000000}", 610113);
                await Ask("register", grains => grains.GetGrain<IResidentGrain>(person).Register(registration));
            }
        }

        private async Task ShowAsync(Guid person, long until, Shows shows)
        {
            while (World.Now < until)
            {
                var from = World.Now;
                try
                {
                    await Ask("display", grains => grains.GetGrain<IResidentGrain>(person).Show().AsTask());
                    shows.Note(World.Now - from);
                }
                catch (Exception fault) when (fault is StoreException || (fault is RemoteGrainException remote && remote.TypeName == typeof(StoreException).FullName))
                {
                    shows.Cold++;
                }
                catch (Exception fault)
                {
                    shows.Failed.Add($"at {World.Now / TimeSpan.TicksPerMillisecond} ms: {fault.Message}");
                }

                await Task.Delay(new TimeSpan(_random.Ticks(20, 80)), _callers.Clock);
            }
        }

        private Task<T> Ask<T>(string what, Func<IGrainFactory, Task<T>> work) => _links.Ask(_random.Pick(House.Entrances), what, 1, work);
    }

    private sealed class Shows
    {
        internal int Answered { get; private set; }

        internal int Cold { get; set; }

        internal long Slowest { get; private set; }

        internal List<string> Failed { get; } = [];

        internal void Note(long took)
        {
            Answered++;
            Slowest = Math.Max(Slowest, took);
        }
    }
}
