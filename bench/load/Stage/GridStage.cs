using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Stage;

/// <summary>
/// Everything that a scenario on a running Grid needs before its first request: residents' tokens, venues and their
/// devices, codes to scan (refreshed as long as it lives), tubes without a result.
/// </summary>
internal sealed class GridStage : IAsyncDisposable
{
    // A code lives for 60 s and may already be a moment old when it is fetched: a third of its life is safe.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MaxPrepare = TimeSpan.FromMinutes(30);
    private const int ImportLinesEach = 2_000;
    private const int MaxAttempts = 10;

    private readonly StageOptions _options;
    private readonly LoadPlan _plan;
    private readonly string _host;
    private readonly TextWriter? _log;
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http;
    private TokenMint _mint = null!;
    private List<string> _residents = [];
    private DisplayRequests? _displays;
    private DeviceRequests? _devices;
    private CodePool? _codes;
    private TubeStock? _tubes;
    private string _labToken = "";
    private Task _refresher = Task.CompletedTask;

    private GridStage(StageOptions options, LoadPlan plan, TextWriter? log)
    {
        _options = options;
        _plan = plan;
        _log = log;
        _host = plan.Server.ToString();
        _http = new HttpClient { BaseAddress = new Uri($"http://{_host}"), Timeout = MaxPrepare };
    }

    /// <summary>Sign-in tokens of the participating residents, in order; for another client.</summary>
    public PackedText ResidentTokens { get; private set; } = new([]);

    public CodePool? Codes => _codes;

    public IReadOnlyList<string> VenueIds { get; private set; } = [];

    public IReadOnlyList<string> DeviceTokens { get; private set; } = [];

    public static async Task<GridStage> PrepareAsync(
        StageOptions options,
        LoadPlan plan,
        string scenario,
        TextWriter? log,
        CancellationToken stop
    )
    {
        var stage = new GridStage(options, plan, log);
        try
        {
            await stage.PrepareAsync(scenario, stop);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private async Task PrepareAsync(string scenario, CancellationToken stop)
    {
        var (isScanning, isReporting) = (
            scenario is "scan" or "scan-batch" or "mixed",
            scenario is "results" or "mixed"
        );
        var file = ResidentList.FileOf(_options);
        _mint = new TokenMint(_options);
        _residents = ResidentList.Read(file, _options.Residents);
        if (_residents.Count < _options.Residents)
            Say($"{file} lists {_residents.Count:N0} residents; the run uses those");
        if (scenario != "results")
        {
            ResidentTokens = new PackedText([.. await _mint.ManyAsync("resident", _residents, stop)]);
            _displays = new DisplayRequests(_host, ResidentTokens);
            Say($"{_residents.Count:N0} residents have tokens");
        }
        if (isScanning)
        {
            await OpenVenuesAsync(stop);
            await FillCodesAsync(stop);
        }
        if (isReporting)
            await FillTubesAsync(stop);
    }

    /// <summary>Replaces what a run uses up: tubes, each of which takes one result.</summary>
    public Task RenewAsync(CancellationToken stop) => _tubes is null ? Task.CompletedTask : FillTubesAsync(stop);

    /// <summary>The requests of one worker.</summary>
    public IRequestSource SourceOf(string scenario, int worker) =>
        scenario switch
        {
            "display" => Display(worker),
            "scan" => Scan(worker, 0),
            "scan-batch" => Scan(worker, _options.Batch),
            "results" => Result(worker),
            "mixed" => new MixedSource(
                [
                    (Display(worker), RequestKind.Display, _options.Mix[0]),
                    (Scan(worker, 0), RequestKind.Scan, _options.Mix[1]),
                    (Result(worker), RequestKind.Result, _options.Mix[2]),
                ],
                _plan.Seed + worker
            ),
            _ => throw new LoadException($"scenario '{scenario}' has no stage"),
        };

    /// <summary>Displays each resident once, in the order of the list.</summary>
    public IRequestSource EveryoneOnce() =>
        new CodeRefreshSource(_displays!, new CodePool(_displays!.Residents), rounds: 1);

    private DisplaySource Display(int worker) =>
        new(_displays!, new ZipfSampler(_displays!.Residents, _options.Zipf, _plan.Seed + worker));

    private ScanSource Scan(int worker, int batch) => new(_devices!, _codes!, batch, _plan.Seed + worker);

    private ResultSource Result(int worker) => new(_host, _labToken, _tubes!, worker, _plan.Threads);

    private async Task OpenVenuesAsync(CancellationToken stop)
    {
        var admin = await _mint.OneAsync("admin", "load", stop);
        VenueIds = [.. Enumerable.Range(1, _options.Venues).Select(i => $"load-{i}")];
        foreach (var venue in VenueIds)
        {
            await SendAsync(
                () => new HttpRequestMessage(HttpMethod.Put, $"/v1/venues/{venue}") { Content = Json(VenueBody) },
                (status, _) => status == HttpStatusCode.OK,
                admin,
                stop
            );
        }
        DeviceTokens = await _mint.ManyAsync("device", [.. VenueIds.Select(id => $"{id}/door")], stop);
        _devices = new DeviceRequests(_host, VenueIds, DeviceTokens);
    }

    private const string VenueBody =
        """{"name":"Load","district":"610113","policy":{"maxTestAgeHours":72,"minDoses":0,"admitColours":["green"]}}""";

    private async Task FillCodesAsync(CancellationToken stop)
    {
        _codes = new CodePool(Math.Min(_options.Codes, _residents.Count));
        var fill = _plan with
        {
            Connections = 16,
            Threads = 1,
            Rate = null,
            Warmup = TimeSpan.Zero,
            Duration = MaxPrepare,
            ServerPids = [],
        };
        var report = await LoadRun.RunAsync(
            fill,
            "codes",
            _ => new CodeRefreshSource(_displays!, _codes, rounds: 1),
            null,
            stop
        );
        if (_codes.Filled < _codes.Count)
        {
            var statuses = string.Join(", ", report.Statuses.Select(s => $"{s.Key}: {s.Value}"));
            throw new LoadException(
                $"only {_codes.Filled} of {_codes.Count} residents showed a code (statuses {statuses})"
            );
        }
        Say($"{_codes.Count:N0} codes are on display");
        var keep = fill with
        {
            Connections = 4,
            Rate = RateProfile.Flat(Math.Max(1, _codes.Count / RefreshEvery.TotalSeconds)),
            Duration = Quantities.MaxDuration,
        };
        _refresher = LoadRun.RunAsync(
            keep,
            "codes",
            _ => new CodeRefreshSource(_displays!, _codes, rounds: 0),
            null,
            _end.Token
        );
    }

    private async Task FillTubesAsync(CancellationToken stop)
    {
        if (_residents.Count < _options.TubeSize)
            throw new LoadException("a tube has more places than there are residents");
        var now = TimeProvider.System.GetUtcNow();
        var run = now.ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
        _tubes = new TubeStock(run, _options.Tubes, _options.TubeSize, now);
        _labToken = await _mint.OneAsync("lab", "lab-load", stop);
        var sampler = await _mint.OneAsync("sampler", "site-load", stop);
        foreach (var lines in _tubes.ImportLines(_residents).Chunk(ImportLinesEach))
            await ImportAsync(lines, sampler, stop);
        Say($"{_tubes.Count:N0} tubes of {_tubes.Size} wait for a result");
    }

    private Task ImportAsync(string[] lines, string sampler, CancellationToken stop) =>
        SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, "/v1/tubes/import") { Content = new LineContent(lines) },
            (status, body) => status == HttpStatusCode.OK && body.Contains("\"rejected\":0", StringComparison.Ordinal),
            sampler,
            stop
        );

    // A venue and a tube import are safe to repeat as a whole: resend what a busy machine refused or timed out.
    private async Task SendAsync(
        Func<HttpRequestMessage> make,
        Func<HttpStatusCode, string, bool> isDone,
        string token,
        CancellationToken stop
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = make();
            var (status, body) = await AnswerAsync(request, token, stop);
            if (isDone(status, body))
                return;
            if (status is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable) || attempt == MaxAttempts)
                throw new LoadException($"{request.Method} {request.RequestUri} was answered {(int)status}: {body}");
            await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), stop);
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> AnswerAsync(
        HttpRequestMessage request,
        string token,
        CancellationToken stop
    )
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await _http.SendAsync(request, stop);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(stop));
        }
        catch (HttpRequestException e)
        {
            throw new LoadException($"{request.Method} {request.RequestUri} failed: {e.Message}");
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private void Say(string text) => _log?.WriteLine(text);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _refresher;
        _http.Dispose();
        _end.Dispose();
    }

    /// <summary>Lines as a streamed NDJSON body.</summary>
    private sealed class LineContent : HttpContent
    {
        private readonly IEnumerable<string> _lines;

        public LineContent(IEnumerable<string> lines)
        {
            _lines = lines;
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false), 64 * 1024, leaveOpen: true)
            {
                NewLine = "\n",
            };
            foreach (var line in _lines)
                await writer.WriteLineAsync(line);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
