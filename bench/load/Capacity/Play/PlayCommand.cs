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

/// <summary>Plays a scenario with a course of its own on one cluster, and puts the figures beside their targets.</summary>
internal sealed class PlayCommand(CapacityOptions options, TestSite site, TextWriter? log)
{
    /// <summary>The top of a surge on a cluster that nobody has measured, because it is cold.</summary>
    private const double SurgeTopDefault = 6_000;

    /// <summary>The part of what the cluster was seen to do that a surge rises to.</summary>
    private const double TopPart = 0.4;

    /// <summary>In an overload a request waits for a connection no longer than a moment: who finds none is turned away.</summary>
    private const int OverloadBacklog = 64;

    private const int RetriesMax = 3;
    private static readonly TimeSpan FrozenFor = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ShareWaitMax = TimeSpan.FromSeconds(15);

    /// <summary>Of a silo that stops with its residents in memory: the load goes on for so long.</summary>
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(Course.Leaving - 10);

    private readonly TestedCluster _cluster = site.Clusters[0];
    private readonly List<PlayEvent> _events = [];
    private readonly List<TargetLine> _targets = [];
    private long _start;
    private long _end;
    private TimeSpan _due;

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
            throw new LoadException($"{options.Scenario} needs silos that this tool started: --silos 2 or more, without --url");
        var top = options.Rate ?? (options.Scenario == "surge" ? SurgeTopDefault : await SeenAsync(stop) * TopPart);
        if (options.Slice is { } slice)
            _cluster.Hold(slice);
        var course = await CourseAsync(top, stop);
        var (load, disturbed) = await PlayAsync(course, options.Connections, 20_000, stop);
        foreach (var phase in load.Phases)
            _targets.Add(Targets.Latency(phase));
        _targets.AddRange(disturbed);
        if (course.EventAt is { } at && options.Scenario is "stop" or "gateways")
            _targets.AddRange(Targets.Refused(load, at));
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
            await calibration.GuessAsync(_cluster, stop), SearchPlan.First,
            rate => _cluster.Runner().OfferAsync(rate, options.Windows, _cluster.Slice, stop), trial => log?.WriteLine($"  {ConsoleText.Line(trial)}"));
        var peak = options.Rate ?? outcome.Best?.Load.AchievedPerSecond ?? throw new LoadException("no rate held: there is no peak to offer ten times");
        Note(string.Create(CultureInfo.InvariantCulture, $"the peak is {peak:N0}/s, stopped by {outcome.Trials.LastOrDefault(trial => !trial.Holds)?.Bottleneck ?? "nothing"}"));
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

    private async Task<(LoadReport, IReadOnlyList<TargetLine>)> PlayAsync(Course course, int connections, int backlog, CancellationToken stop)
    {
        var plan = _cluster.Plan with
        {
            Rate = course.Rate,
            Poisson = true,
            Warmup = TimeSpan.Zero,
            Duration = TimeSpan.FromSeconds(course.Seconds),
            Connections = connections,
            BacklogMax = backlog,
            RetriesMax = RetriesMax,
            Phases = course.Phases,
        };
        var meter = _cluster.Meter();
        await meter.StartAsync(stop);
        _start = Stopwatch.GetTimestamp();
        _end = _start + (long)(course.Seconds * (double)Stopwatch.Frequency);
        _cluster.Traffic.Silos.Begin(_start);
        var loading = LoadRun.RunAsync(plan, options.Scenario, _ => _cluster.Traffic, log, stop);
        IReadOnlyList<TargetLine> lines = [];
        if (course.EventAt is { } at)
        {
            _due = TimeSpan.FromSeconds(at);
            await Task.Delay(_due, stop);
            lines = await DisturbAsync(loading, stop);
        }
        var load = await loading;
        stop.ThrowIfCancellationRequested();
        if (course.EventAt is null)
        {
            var usage = await meter.EndAsync(stop);
            Note(string.Create(CultureInfo.InvariantCulture, $"CPU: silos {usage.Of(MemberRole.Silo):0.00}, gateway {usage.Of(MemberRole.Gateway):0.00}, client {usage.ClientCores:0.00}, others {usage.OtherCores:0.00} of {usage.MachineCores} cores"));
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
                return [Targets.Outage("residents of the killed silo answer again", Outages(since)[place], Targets.KilledOutageMax)];
            case "freeze":
                local.Freeze(victim);
                Note($"{victim.Name} is frozen");
                await Task.Delay(FrozenFor, stop);
                local.Resume(victim);
                Note($"{victim.Name} goes on");
                await loading;
                return
                [
                    Targets.Outage("residents of the frozen silo answer again", Outages(since)[place], Targets.FrozenOutageMax),
                    Targets.Outage(
                        "longest silence of the others", Outages(since).Where((_, silo) => silo != place).DefaultIfEmpty().Max(),
                        Targets.HealthyOutageMax),
                ];
            case "stop":
                Note($"{victim.Name} is stopped (SIGTERM)");
                var left = await local.StopAsync(victim, LeaveMax, stop);
                Note(left is null ? $"{victim.Name} has not left" : $"{victim.Name} has left");
                await loading;
                return
                [
                    Targets.Left(left),
                    Targets.Outage("residents of the stopped silo: longest time without any display", Outages(since)[place], Targets.MovedRefusedMax),
                    Targets.Outage(
                        "the same of the others", Outages(since).Where((_, silo) => silo != place).DefaultIfEmpty().Max(), Targets.MovedRefusedMax),
                ];
            case "gateways":
                await ChangeGatewaysAsync(local, isElsewhere: true, stop);
                await UntilAsync(GatewaySteps.Steady, stop);
                await ChangeGatewaysAsync(local, isElsewhere: false, stop);
                await loading;
                return [];
            default:
                return await JoinAsync(local, since, stop);
        }
    }

    /// <summary>Gateways come one after the other, stay a while where they are members, and go one after the other.</summary>
    private async Task ChangeGatewaysAsync(LocalCluster local, bool isElsewhere, CancellationToken stop)
    {
        var coming = new List<Member>();
        for (var number = 0; number < GatewaySteps.Count; number++)
        {
            coming.Add(await local.AddGatewayAsync(isElsewhere, stop));
            Note($"{coming[^1].Name} is {(isElsewhere ? "there, in another cluster" : "ready")}");
            await UntilAsync(GatewaySteps.Start, stop);
        }

        if (isElsewhere)
        {
            await Task.WhenAll(coming.Select(local.EndGatewayAsync));
            return;
        }

        await UntilAsync(GatewaySteps.Steady, stop);
        foreach (var gateway in coming)
        {
            await local.EndGatewayAsync(gateway);
            Note($"{gateway.Name} has left");
            await UntilAsync(GatewaySteps.Leave, stop);
        }
    }

    /// <summary>Waits until so many seconds after the last such moment have passed: the steps keep to the course, whatever one of them took.</summary>
    private Task UntilAsync(int seconds, CancellationToken stop)
    {
        _due += TimeSpan.FromSeconds(seconds);
        var wait = _due - Stopwatch.GetElapsedTime(_start);
        return wait > TimeSpan.Zero ? Task.Delay(wait, stop) : Task.CompletedTask;
    }

    private async Task<IReadOnlyList<TargetLine>> JoinAsync(LocalCluster local, long since, CancellationToken stop)
    {
        Note("one more silo is started");
        var newcomer = await local.AddSiloAsync(stop);
        Note($"{newcomer.Name} is ready");
        var taken = await new ShareWatch(() => local.SiloMembers).UntilSharedAsync(newcomer, since, ShareWaitMax, stop);
        Note(taken is null ? $"{newcomer.Name} has not taken its share" : $"{newcomer.Name} carries its share");
        _cluster.Hold(newcomer);
        return
        [
            Targets.Share(taken),
            Targets.Outage("longest silence of any silo's residents while it joins", Outages(since).Max(), Targets.HealthyOutageMax),
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
