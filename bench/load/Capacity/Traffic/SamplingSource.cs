using System.Globalization;
using System.Text;
using Grid.Bench.Load.Capacity.History;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;

namespace Grid.Bench.Load.Capacity.Traffic;

/// <summary>
/// Sampling sites and a laboratory: tubes are registered, filled sample by sample, sealed and reported negative. Each
/// step follows the acknowledgement of the one before; many tubes run in parallel. A failed step is sent again, as a
/// site would: every step is idempotent.
/// </summary>
internal sealed class SamplingSource : IRequestSource
{
    /// <summary>Failures of one tube, over all steps, after which it is abandoned.</summary>
    public const int MaxFailures = 20;

    private readonly Crowd _crowd;
    private readonly ResultHistory _history;
    private readonly TimeProvider _time;
    private readonly int _members;
    private readonly string _prefix;
    private readonly Dictionary<Step, byte[]> _heads;
    private readonly byte[] _sampleHeadEnd;
    private readonly SlotTable<Tube> _underWay = new();
    private readonly Queue<Tube> _ready = new();
    private readonly string _host;
    private int _tubes;

    /// <param name="run">Distinguishes the tubes of this run from those of other runs on the same data.</param>
    public SamplingSource(Crowd crowd, ResultHistory history, string host, string run, int members, TimeProvider time)
    {
        (_crowd, _history, _host, _members, _time) = (crowd, history, host, members, time);
        _prefix = $"CAP-{run}-";
        _heads = new Dictionary<Step, byte[]>
        {
            [Step.Open] = DeviceRequests.Head("/v1/tubes", host, crowd.SamplerToken),
            [Step.Report] = DeviceRequests.Head("/v1/results", host, crowd.LabToken),
        };
        _sampleHeadEnd = Encoding.ASCII.GetBytes(
            $" HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {crowd.SamplerToken}\r\n"
                + "Content-Type: application/json\r\n"
        );
    }

    private enum Step
    {
        Open,
        Sample,
        Seal,
        Report,
    }

    /// <summary>Tubes abandoned after too many failures; none of them had an acknowledged result.</summary>
    public long Abandoned { get; private set; }

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        if (!_ready.TryDequeue(out var tube))
            tube = new Tube(_tubes, (int)((long)_tubes++ * _members % _crowd.ResidentIds.Count), Now());
        tag =
            tube.Step == Step.Report
                ? new RequestTag(RequestKind.Result, _members, _underWay.Put(tube))
                : new RequestTag(RequestKind.Sampling, 1, _underWay.Put(tube));
        Write(request, tube);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response)
    {
        var step = _underWay[tag.Key].Step;
        var verdict = Verdicts.Of(
            response.Status,
            step switch
            {
                Step.Open => response.Status is 201 or 200,
                Step.Report => response.Status is 202 or 200
                    && BodyFields.Begins(response.Body, "\"state\":"u8, "\"applied\""u8),
                _ => response.Status == 200,
            }
        );
        if (verdict == Verdict.Done)
            Advance(_underWay.Take(tag.Key));
        return verdict;
    }

    public void GivenUp(in RequestTag tag, Verdict verdict)
    {
        var tube = _underWay.Take(tag.Key);
        if (++tube.Failures < MaxFailures)
            _ready.Enqueue(tube);
        else
            Abandoned++;
    }

    private void Advance(Tube tube)
    {
        switch (tube.Step)
        {
            case Step.Sample when ++tube.Samples < _members:
                break;
            case Step.Report:
                Acknowledge(tube);
                return;
            default:
                tube.Step++;
                break;
        }
        _ready.Enqueue(tube);
    }

    private void Acknowledge(Tube tube)
    {
        _history.AcknowledgeTube();
        for (var member = 0; member < _members; member++)
            _history.AcknowledgeMember(ResidentOf(tube, member), tube.CollectedSecond);
    }

    private int ResidentOf(Tube tube, int member) => (tube.First + member) % _crowd.ResidentIds.Count;

    private int Now() => _history.SecondOf(_time.GetUtcNow());

    private void Write(RequestBuffer request, Tube tube)
    {
        var at = _history.TimeOf(tube.CollectedSecond);
        var start = 0;
        switch (tube.Step)
        {
            case Step.Open:
                start = request.BeginBody(_heads[Step.Open]);
                request.Append("{\"tubeId\":\""u8);
                AppendId(request, tube);
                request.Append("\",\"siteId\":\"site-load\",\"capacity\":"u8);
                request.Append(_members);
                request.Append("}"u8);
                break;
            case Step.Sample:
                AppendPath(request, tube, "/samples"u8);
                request.Append("Idempotency-Key: "u8);
                AppendId(request, tube);
                request.Append("-"u8);
                request.Append(tube.Samples);
                request.Append("\r\n"u8);
                start = request.BeginBody([]);
                request.Append("{\"residentId\":\""u8);
                request.Append(Encoding.ASCII.GetBytes(_crowd.ResidentIds[ResidentOf(tube, tube.Samples)]));
                request.Append("\",\"collectedAt\":\""u8);
                request.Append(at);
                request.Append("\"}"u8);
                break;
            case Step.Seal:
                AppendPath(request, tube, "/seal"u8);
                start = request.BeginBody([]);
                break;
            default:
                start = request.BeginBody(_heads[Step.Report]);
                request.Append("{\"tubeId\":\""u8);
                AppendId(request, tube);
                request.Append("\",\"sequence\":1,\"method\":\"pcr\",\"result\":\"negative\",\"testedAt\":\""u8);
                // A repeat must send the same report: use the tube's own time.
                request.Append(at);
                request.Append("\"}"u8);
                break;
        }
        request.EndBody(start);
    }

    private void AppendPath(RequestBuffer request, Tube tube, ReadOnlySpan<byte> end)
    {
        request.Append("POST /v1/tubes/"u8);
        AppendId(request, tube);
        request.Append(end);
        request.Append(_sampleHeadEnd);
    }

    private void AppendId(RequestBuffer request, Tube tube)
    {
        request.Append(Encoding.ASCII.GetBytes(_prefix));
        request.Append(tube.Number);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_tubes} tubes at {_host}");

    private sealed class Tube(int number, int first, int collectedSecond)
    {
        public int Number { get; } = number;

        public int First { get; } = first;

        public int CollectedSecond { get; } = collectedSecond;

        public Step Step { get; set; }

        public int Samples { get; set; }

        public int Failures { get; set; }
    }
}
