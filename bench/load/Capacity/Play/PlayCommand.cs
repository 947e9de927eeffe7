using System.Diagnostics;
using System.Globalization;
using Grid.Bench.Load.Capacity.Cluster;
using Grid.Bench.Load.Capacity.Reporting;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Comparing;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Measure;

namespace Grid.Bench.Load.Capacity.Play;

/// <summary>Plays a scenario with a fixed course on one cluster, and compares the figures with their targets.</summary>
internal sealed class PlayCommand(CapacityOptions options, TestSite site, TextWriter? log)
{
    /// <summary>The peak of a surge on a cold cluster, whose capacity is not measured.</summary>
    private const double SurgeTopDefault = 6_000;

    /// <summary>The peak of a surge, as a part of the measured capacity.</summary>
    private const double TopPart = 0.4;

    /// <summary>Few requests may wait for a connection in an overload; further ones count as unsent.</summary>
    private const int OverloadBacklog = 64;

    private const int MaxRetries = 3;
    private static readonly TimeSpan FrozenFor = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MaxShareWait = TimeSpan.FromSeconds(15);

    /// <summary>How long the load continues after a silo with residents in memory is told to stop.</summary>
    private static readonly TimeSpan MaxLeave = TimeSpan.FromSeconds(Course.Leaving - 10);

    private readonly TestedCluster _cluster = site.Clusters[0];
    private readonly List<PlayEvent> _events = [];
    private readonly List<TargetLine> _targets = [];
    private readonly List<(string Name, double FromSecond)> _steps = [];
    private long _start;
    private long _end;

    public async Task<PlayReport> RunAsync(string command, CancellationToken stop)
    {
        var load = options.Scenario == "overload" ? await OverloadAsync(stop) : await SurgeAsync(stop);
        var history = await _cluster.CheckAndEndAsync(stop);
        return new PlayReport
        {
            At = TimeProvider.System.GetUtcNow(),
            Command = command,
            Machine = CompareReport.ThisMachine(),
            Scenario = options.Scenario,
            Cluster = _cluster.Name,
            Mix = options.Mix.ToString(),
            Slice = _cluster.HeldTo,
            Load = load,
            Events = _events,
            Targets = _targets,
            History = history,
        };
    }

    private async Task<LoadReport> SurgeAsync(CancellationToken stop)
    {
        if (options.Scenario != "surge" && _cluster.Local is not { Silos: > 0 })
            throw new LoadException(
                $"{options.Scenario} needs silos that this tool started: --silos 2 or more, without --url"
            );
        var top = options.Rate ?? (options.Scenario == "surge" ? SurgeTopDefault : await SeenAsync(stop) * TopPart);
        if (options.Slice is { } slice)
            _cluster.Hold(slice);
        var course = await CourseAsync(top, stop);
        var (load, disturbed) = await PlayAsync(course, options.Connections, 20_000, stop);
        foreach (var phase in load.Phases)
            _targets.Add(Targets.Latency(phase));
        _targets.AddRange(disturbed);
        if (options.Scenario == "stop")
            _targets.AddRange(Targets.Refused(load, course.EventAt!.Value));
        _targets.AddRange(Targets.Steps(load, _steps));
        _targets.Add(Targets.Hang(load));
        _targets.Add(Targets.Errors(load));
        return load;
    }

    private async Task<Course> CourseAsync(double top, CancellationToken stop)
    {
        switch (options.Scenario)
        {
            case "surge":
                return Course.Surge(top, null);
            case "stop":
                await _cluster.Local!.UntilActivatedAsync(options.Stage.Residents, stop);
                Note($"{options.Stage.Residents:N0} residents are in memory");
                return Course.Leave(top);
            case "gateways":
                await _cluster.Local!.AddGatewayAsync(isElsewhere: false, stop);
                await _cluster.Local.AddGatewayAsync(isElsewhere: false, stop);
                return Course.Gateways(top);
            default:
                return Course.Surge(top, 10);
        }
    }

    private async Task<LoadReport> OverloadAsync(CancellationToken stop)
    {
        var calibration = new Calibration(options, site, log);
        await calibration.WarmUpAsync(stop);
        await calibration.HoldAsync(Course.Factor, stop);
        var outcome = await CapacitySearch.RunAsync(
            await calibration.GuessAsync(_cluster, stop),
            SearchPlan.First,
            rate => _cluster.Runner().OfferAsync(rate, options.Windows, _cluster.Slice, stop),
            trial => log?.WriteLine($"  {ConsoleText.Line(trial)}")
        );
        var peak = options.Rate
            ?? outcome.Best?.Load.AchievedPerSecond
            ?? throw new LoadException("no rate held: there is no peak to offer ten times");
        var bottleneck = outcome.Trials.LastOrDefault(trial => !trial.Holds)?.Bottleneck ?? "nothing";
        Note(string.Create(CultureInfo.InvariantCulture, $"the peak is {peak:N0}/s, limited by {bottleneck}"));
        var (load, _) = await PlayAsync(Course.Overload(peak), options.Connections, OverloadBacklog, stop);
        _targets.AddRange(Targets.Overload(load, peak));
        _targets.Add(Targets.Errors(load));
        return load;
    }

    private async Task<double> SeenAsync(CancellationToken stop)
    {
        var calibration = new Calibration(options, site, log);
        await calibration.WarmUpAsync(stop);
        return await calibration.GuessAsync(_cluster, stop);
    }

    private async Task<(LoadReport, IReadOnlyList<TargetLine>)> PlayAsync(
        Course course,
        int connections,
        int backlog,
        CancellationToken stop
    )
    {
        var plan = _cluster.Plan with
        {
            Rate = course.Rate,
            Poisson = true,
            Warmup = TimeSpan.Zero,
            Duration = TimeSpan.FromSeconds(course.Seconds),
            Connections = connections,
            MaxBacklog = backlog,
            MaxRetries = MaxRetries,
            Phases = course.Phases,
        };
        var meter = _cluster.Meter();
        await meter.StartAsync(stop);
        _start = Stopwatch.GetTimestamp();
        _end = _start + (long)(course.Seconds * (double)Stopwatch.Frequency);
        _cluster.Traffic.Silos.Begin(_start);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var loading = LoadRun.RunAsync(plan, options.Scenario, _ => _cluster.Traffic, log, over.Token);
        IReadOnlyList<TargetLine> lines = [];
        if (course.EventAt is { } at)
        {
            await Task.Delay(TimeSpan.FromSeconds(at), stop);
            lines = await DisturbAsync(loading, stop);
            if (course.EndsWithEvent)
                await over.CancelAsync();
        }
        var load = await loading;
        stop.ThrowIfCancellationRequested();
        if (course.EventAt is null)
        {
            var usage = await meter.EndAsync(stop);
            Note(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"CPU: silos {usage.Of(MemberRole.Silo):0.00}, gateway {usage.Of(MemberRole.Gateway):0.00}, "
                        + $"client {usage.ClientCores:0.00}, others {usage.OtherCores:0.00} "
                        + $"of {usage.MachineCores} cores"
                )
            );
        }
        return (load, lines);
    }

    private async Task<IReadOnlyList<TargetLine>> DisturbAsync(Task loading, CancellationToken stop)
    {
        var local = _cluster.Local!;
        var victim = local.SiloMembers[^1];
        var place = local.SiloMembers.Count - 1;
        var since = Stopwatch.GetTimestamp();
        switch (options.Scenario)
        {
            case "kill":
                local.Kill(victim);
                Note($"{victim.Name} is killed");
                await loading;
                return
                [
                    Targets.Outage(
                        "residents of the killed silo answer again",
                        Outages(since)[place],
                        Targets.MaxKilledOutage
                    ),
                ];
            case "freeze":
                local.Freeze(victim);
                Note($"{victim.Name} is frozen");
                await Task.Delay(FrozenFor, stop);
                local.Resume(victim);
                Note($"{victim.Name} goes on");
                await loading;
                return
                [
                    Targets.Outage(
                        "residents of the frozen silo answer again",
                        Outages(since)[place],
                        Targets.MaxFrozenOutage
                    ),
                    Targets.Outage(
                        "longest silence of the others",
                        Outages(since).Where((_, silo) => silo != place).DefaultIfEmpty().Max(),
                        Targets.MaxHealthyOutage
                    ),
                ];
            case "stop":
                return await StopAsync(local, victim, place, loading, stop);
            case "gateways":
                _steps.Add(("3 gateways", 0));
                await ChangeGatewaysAsync(local, isElsewhere: true, stop);
                await StepAsync("3 gateways, those elsewhere gone", GatewaySteps.Steady, stop);
                await ChangeGatewaysAsync(local, isElsewhere: false, stop);
                await StepAsync("3 gateways again", GatewaySteps.Steady, stop);
                return [];
            default:
                return await JoinAsync(local, since, stop);
        }
    }

    private async Task<IReadOnlyList<TargetLine>> StopAsync(
        LocalCluster local,
        Member victim,
        int place,
        Task loading,
        CancellationToken stop
    )
    {
        Member[] others = [.. local.SiloMembers.Where(silo => silo != victim)];
        var (leaving, before) = (await local.ActivationsAsync(victim, stop), await CountAsync());
        var since = Stopwatch.GetTimestamp();
        Note($"{victim.Name} is stopped (SIGTERM) with {leaving:N0} grains; the others have {before:N0}");
        var left = await local.StopAsync(victim, MaxLeave, stop);
        Note(
            $"{victim.Name} has {(left is null ? "not left" : "left")}; the others have {await CountAsync():N0} grains"
        );
        await loading;
        return
        [
            Targets.Left(left),
            Targets.Outage(
                "residents of the stopped silo: longest time without any display",
                Outages(since)[place],
                Targets.MaxMovedRefused
            ),
            Targets.Outage(
                "the same of the others",
                Outages(since).Where((_, silo) => silo != place).DefaultIfEmpty().Max(),
                Targets.MaxMovedRefused
            ),
        ];

        async Task<long> CountAsync() =>
            (await Task.WhenAll(others.Select(silo => local.ActivationsAsync(silo, stop)))).Sum();
    }

    /// <summary>
    /// Starts the gateways one by one, keeps them a while if they are members, and stops them one by one.
    /// </summary>
    private async Task ChangeGatewaysAsync(LocalCluster local, bool isElsewhere, CancellationToken stop)
    {
        var coming = new List<Member>();
        Step($"{GatewaySteps.Count} start{(isElsewhere ? " elsewhere" : "")}, one after the other");
        for (var number = 0; number < GatewaySteps.Count; number++)
        {
            var least = Task.Delay(TimeSpan.FromSeconds(GatewaySteps.Start), stop);
            coming.Add(await local.AddGatewayAsync(isElsewhere, stop));
            Note($"{coming[^1].Name} is {(isElsewhere ? "there, in another cluster" : "ready")}");
            await least;
        }

        if (isElsewhere)
        {
            await Task.WhenAll(coming.Select(local.EndGatewayAsync));
            return;
        }

        await StepAsync("12 gateways", GatewaySteps.Steady, stop);
        Step($"{GatewaySteps.Count} leave, one after the other");
        foreach (var gateway in coming)
        {
            var least = Task.Delay(TimeSpan.FromSeconds(GatewaySteps.Leave), stop);
            await local.EndGatewayAsync(gateway);
            Note($"{gateway.Name} has left");
            await least;
        }
    }

    private void Step(string name) => _steps.Add((name, Stopwatch.GetElapsedTime(_start).TotalSeconds));

    private Task StepAsync(string name, int seconds, CancellationToken stop)
    {
        Step(name);
        return Task.Delay(TimeSpan.FromSeconds(seconds), stop);
    }

    private async Task<IReadOnlyList<TargetLine>> JoinAsync(LocalCluster local, long since, CancellationToken stop)
    {
        Note("starts one more silo");
        var newcomer = await local.AddSiloAsync(stop);
        Note($"{newcomer.Name} is ready");
        var taken = await new ShareWatch(() => local.SiloMembers).UntilSharedAsync(newcomer, since, MaxShareWait, stop);
        Note(taken is null ? $"{newcomer.Name} has not taken its share" : $"{newcomer.Name} carries its share");
        _cluster.Hold(newcomer);
        return
        [
            Targets.Share(taken),
            Targets.Outage(
                "longest silence of any silo's residents while it joins",
                Outages(since).Max(),
                Targets.MaxHealthyOutage
            ),
        ];
    }

    private TimeSpan[] Outages(long since) =>
        _cluster.Traffic.Silos.OutagesAfter(since, Math.Min(Stopwatch.GetTimestamp(), _end));

    private void Note(string text)
    {
        var noted = new PlayEvent(_start == 0 ? 0 : Stopwatch.GetElapsedTime(_start).TotalSeconds, text);
        _events.Add(noted);
        log?.WriteLine(text);
    }
}
