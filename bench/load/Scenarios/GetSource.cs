using System.Text;
using Grid.Bench.Load.Http;

namespace Grid.Bench.Load.Scenarios;

/// <summary>The same GET in a loop: the ceiling, or any public page.</summary>
internal sealed class GetSource(string host, string path) : IRequestSource
{
    private readonly byte[] _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        request.Append(_request);
        tag = new RequestTag(RequestKind.Get);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response) =>
        Verdicts.Of(response.Status, response.Status == 200);
}
