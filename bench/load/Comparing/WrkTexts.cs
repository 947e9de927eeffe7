using System.Text;
using Grid.Bench.Load.Stage;

namespace Grid.Bench.Load.Comparing;

/// <summary>The requests of the scenarios as texts for wrk's script.</summary>
internal static class WrkTexts
{
    private const int ScanIdLength = 36;

    // More would only use memory: the doors' requests differ in the code and the venue alone.
    private const int MaxScanTexts = 20_000;

    public static WrkRequests Of(string scenario, string host, GridStage stage) =>
        scenario == "display"
            ? new WrkRequests(Displays(host, stage.ResidentTokens), HasId: false)
            : new WrkRequests(Scans(host, stage), HasId: true);

    public static WrkRequests Gets(string host, IEnumerable<string> paths) =>
        new(paths.Select(path => ($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n", "")), HasId: false);

    private static IEnumerable<(string, string)> Displays(string host, PackedText tokens) =>
        Texts(tokens)
            .Select(token =>
                ($"GET /v1/me/code HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n", "")
            );

    private static IEnumerable<(string, string)> Scans(string host, GridStage stage)
    {
        var codes = stage.Codes!;
        for (var i = 0; i < Math.Min(codes.Count, MaxScanTexts); i++)
        {
            var venue = i % stage.VenueIds.Count;
            var head =
                $"POST /v1/scans HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {stage.DeviceTokens[venue]}\r\n";
            yield return Scan(head, stage.VenueIds[venue], Encoding.ASCII.GetString(codes[i]));
        }
    }

    private static (string, string) Scan(string head, string venue, string code)
    {
        const string Before = "{\"scanId\":\"";
        var after = $"\",\"venueId\":\"{venue}\",\"token\":\"{code}\"}}";
        var length = Before.Length + ScanIdLength + after.Length;
        return ($"{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{Before}", after);
    }

    private static IEnumerable<string> Texts(PackedText packed) =>
        Enumerable.Range(0, packed.Count).Select(i => Encoding.ASCII.GetString(packed[i]));
}
