using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Capacity.Search;
using Grid.Bench.Load.Capacity.Traffic;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>
/// A cluster with its traffic and the history of acknowledged requests; a cluster that runs elsewhere has no processes
/// here.
/// </summary>
internal sealed class TestedCluster : IAsyncDisposable
{
    private const string VenueBody =
        """{"name":"Load","district":"610113","policy":{"maxTestAgeHours":72,"minDoses":0,"admitColours":["green"]}}""";

    private const int MaxAttempts = 10;

    private readonly CapacityOptions _options;
    private readonly Crowd _crowd;
    private readonly HttpClient _http;
    private readonly CpuSlices? _slices;

    public TestedCluster(
        CapacityOptions options,
        Crowd crowd,
        LocalCluster? local,
        IPEndPoint server,
        CpuSlices? slices,
        HttpClient http
    )
    {
        (_options, _crowd, Local, _slices, _http) = (options, crowd, local, slices, http);
        Plan = new LoadPlan
        {
            Server = server,
            // A gateway that hosts the grains answers without waiting: a few connections saturate it.
            Connections = local is { Silos: 0 } ? Math.Min(options.Connections, 128) : options.Connections,
            Timeout = TimeSpan.FromSeconds(5),
            Seed = 1,
        };
        Traffic = new CityTraffic(
            crowd,
            [.. (local?.SiloMembers ?? []).Select(silo => silo.SiloPort)],
            server.ToString(),
            options.Mix,
            options.Stage.Zipf,
            Plan.Seed,
            TimeProvider.System
        );
    }

    public LocalCluster? Local { get; }

    public LoadPlan Plan { get; }

    public CityTraffic Traffic { get; }

    public int Silos => Local?.Silos ?? 0;

    /// <summary>Cores of each silo; null: unlimited.</summary>
    public double? Slice { get; private set; }

    /// <summary>The slice of the measurement.</summary>
    public double? HeldTo { get; private set; }

    public string Name =>
        Local switch
        {
            null => Plan.Server.ToString(),
            { Silos: 0 } => "gateway alone",
            { Silos: 1 } => "1 silo",
            { Silos: var silos } => $"{silos} silos",
        };

    public IReadOnlyList<Member> Members =>
        Local?.Members ?? [new Member("gateway", MemberRole.Gateway, $"http://{Plan.Server}", 0)];

    public UsageMeter Meter() => new(Members, _slices, _http);

    public TrialRunner Runner() => new(Traffic, Plan, Meter(), _options.Bounds);

    /// <summary>Registers the venues of the run's doors.</summary>
    public async Task OpenVenuesAsync(CancellationToken stop)
    {
        foreach (var venue in _crowd.VenueIds)
            await OpenVenueAsync(venue, stop);
    }

    private async Task OpenVenueAsync(string venue, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, $"http://{Plan.Server}/v1/venues/{venue}")
            {
                Content = new StringContent(VenueBody, Encoding.UTF8, "application/json"),
            };
            put.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _crowd.AdminToken);
            using var answer = await _http.SendAsync(put, stop);
            if (answer.IsSuccessStatusCode)
                return;
            // A cluster that has just started may refuse the request. Putting a venue is safe to repeat.
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == MaxAttempts)
                throw new LoadException($"venue {venue} was answered {(int)answer.StatusCode} by {Name}");
            await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), stop);
        }
    }

    /// <summary>Limits every silo to the same slice; a cluster without silos has its gateway limited.</summary>
    public void Hold(double cores)
    {
        if (_slices is null || Local is null)
            return;
        foreach (var member in Local.Silos == 0 ? Local.Members : Local.SiloMembers)
            _slices.Hold(member.Pid, cores);
        Slice = HeldTo = cores;
    }

    public void Hold(Member member)
    {
        if (Slice is { } cores)
            _slices?.Hold(member.Pid, cores);
    }

    public void Free()
    {
        foreach (var member in Members)
            _slices?.Free(member.Pid);
        Slice = null;
    }

    /// <summary>Replays everything that was acknowledged, stops the cluster and counts the rows.</summary>
    public async Task<HistoryVerdict> CheckAndEndAsync(CancellationToken stop)
    {
        Free();
        var verdict = await HistoryCheck.RunAsync(Traffic, _crowd, Plan, _options.MaxReplays, stop);
        if (Local is null)
            return verdict;
        await Local.DisposeAsync();
        return verdict with
        {
            Rows = await VisitRows.CheckAsync(Local.Place.Postgres, Traffic.Scans.Answered, _crowd.VenueIds, stop),
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (Local is null)
            return;
        Free();
        await Local.DisposeAsync();
    }
}
