using System.Text;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Scenarios;

/// <summary>
/// A laboratory that reports tubes, each once, all negative; ends when the prepared tubes are used up.
/// </summary>
/// <param name="first">The first tube of this worker, then every <paramref name="step"/>-th.</param>
internal sealed class ResultSource(string host, string labToken, TubeStock tubes, int first, int step) : IRequestSource
{
    private readonly byte[] _head = DeviceRequests.Head("/v1/results", host, labToken);
    private readonly byte[] _tail = Encoding.ASCII.GetBytes(
        "\",\"sequence\":1,\"method\":\"pcr\",\"result\":\"negative\","
            + $"\"testedAt\":\"{tubes.TestedAt:yyyy-MM-ddTHH:mm:ssZ}\"}}"
    );

    private int _next = first;

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        tag = new RequestTag(RequestKind.Result, tubes.Size, _next);
        if (_next >= tubes.Count)
            return false;
        var start = request.BeginBody(_head);
        request.Append("{\"tubeId\":\""u8);
        tubes.WriteId(request, _next);
        request.Append(_tail);
        request.EndBody(start);
        _next += step;
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response) =>
        Verdicts.Of(
            response.Status,
            response.Status == 202 && BodyFields.Begins(response.Body, "\"state\":"u8, "\"applied\""u8)
        );
}
