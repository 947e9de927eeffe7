using System.Globalization;
using System.Text;
using Grid.Bench.Load.Http;
using Grid.Bench.Load.Scenarios;
using Grid.Residents;

namespace Grid.Bench.Load.Anonymous;

/// <summary>
/// Sends requests without a token, by turns a challenge for an invented person and a sign-in that must be refused. The
/// bodies carry the fields of every API version; a version ignores the fields that it does not know.
/// </summary>
internal sealed class AnonymousSource(string host) : IRequestSource
{
    private const int Region = 610_102;
    private const int SequencesOfDay = 1_000;
    private const int Days = 20_000;

    // As long as a real id: 65 bytes in base64url.
    private static readonly string ChallengeId = new('A', 87);

    private readonly byte[] _challenge = Head("/v1/sessions/challenge", host);
    private readonly byte[] _signIn = Head("/v1/sessions", host);
    private int _number;

    public bool TryNext(RequestBuffer request, out RequestTag tag)
    {
        tag = new RequestTag(RequestKind.SignIn);
        var isChallenge = _number % 2 == 0;
        var person = _number++ / 2;
        var start = request.BeginBody(isChallenge ? _challenge : _signIn);
        var idNumber = IdNumber
            .Create(Region, new DateOnly(1950, 1, 1).AddDays(person / SequencesOfDay % Days), person % SequencesOfDay)
            .Reveal();
        var rest = isChallenge ? "" : $",\"challengeId\":\"{ChallengeId}\",\"otp\":\"000000\"";
        request.Append(
            Encoding.ASCII.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"idNumber\":\"{idNumber}\",\"phone\":\"139{person % 100_000_000:D8}\"{rest}}}"
                )
            )
        );
        request.EndBody(start);
        return true;
    }

    /// <summary>
    /// Expects a challenge to be accepted and a sign-in to be refused; either may be answered with "retry later".
    /// </summary>
    public Verdict Judge(in RequestTag tag, in Response response) =>
        Verdicts.Of(response.Status, response.Status is 202 or 401);

    private static byte[] Head(string path, string host) =>
        Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
}
