using System.Text;
using Grid.Bench.Load.Driving;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Scenarios;

/// <c>GET /v1/me/code</c> of a resident by number. Immutable, so that workers share it.
internal sealed class DisplayRequests(string host, PackedText residentTokens)
{
    private readonly byte[] _head = Encoding.ASCII.GetBytes(
        $"GET /v1/me/code HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer "
    );

    public int Residents => residentTokens.Count;

    public void Write(RequestBuffer request, int resident)
    {
        request.Append(_head);
        request.Append(residentTokens[resident]);
        request.Append("\r\n\r\n"u8);
    }

    public static Verdict Judge(in Response response, out ReadOnlySpan<byte> token)
    {
        token = default;
        var isCode =
            response.Status == 200
            && BodyFields.TryString(response.Body, "\"token\":"u8, out token)
            && token.StartsWith("HK1:"u8);
        return Verdicts.Of(response.Status, isCode);
    }
}

/// <summary>Residents who look at their code, drawn by Zipf.</summary>
internal sealed class DisplaySource(DisplayRequests requests, ZipfSampler residents) : IRequestSource
{
    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        requests.Write(request, residents.Next());
        tag = new RequestTag(RequestKind.Display);
        return true;
    }

    public Verdict Judge(in RequestTag tag, in Response response) => DisplayRequests.Judge(response, out _);
}
