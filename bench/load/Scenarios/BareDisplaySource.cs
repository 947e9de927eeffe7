using System.Text;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Scenarios;

/// <summary>A display of the bare contender: residents drawn as for Grid, the id in the path, no token.</summary>
internal sealed class BareDisplaySource(string host, PackedText residentIds, ZipfSampler residents) : IRequestSource
{
    private const string Path = "/bare/";

    private readonly byte[] _tail = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {host}\r\n\r\n");

    /// <summary>The path of each resident.</summary>
    public static IEnumerable<string> Paths(PackedText residentIds) =>
        Enumerable.Range(0, residentIds.Count).Select(i => Path + Encoding.ASCII.GetString(residentIds[i]));

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        request.Append("GET /bare/"u8);
        request.Append(residentIds[residents.Next()]);
        request.Append(_tail);
        tag = new RequestTag(RequestKind.Display);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response) => DisplayRequests.Judge(response, out _);
}
