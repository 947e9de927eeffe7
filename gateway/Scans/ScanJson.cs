using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Json;
using Grid.Scans;

namespace Grid.Gateway.Scans;

/// <summary>The outcome of a scan, for the OpenAPI document.</summary>
public sealed record ScanOutcomeShape(
    string ScanId,
    bool Admit,
    string Colour,
    IReadOnlyList<string> Reasons,
    TestShape? Test,
    string? Name,
    DateTimeOffset RecordedAt
);

/// <summary>Writes the outcomes of scans.</summary>
internal static class ScanJson
{
    /// <summary>Upper bound of an outcome in bytes: ids and names have bounds.</summary>
    internal const int MaxOutcomeBytes = 1024;

    private static readonly (RefusalReasons Reason, string Name)[] Names =
    [
        (RefusalReasons.Colour, "colour"),
        (RefusalReasons.TestTooOld, "test-too-old"),
        (RefusalReasons.TestMissing, "test-missing"),
        (RefusalReasons.Doses, "doses"),
        (RefusalReasons.TokenExpired, "token-expired"),
        (RefusalReasons.TokenInvalid, "token-invalid"),
    ];

    /// <summary>Writes the recorded outcome. <paramref name="scanId"/> is the caller's own id.</summary>
    internal static void Write(ref JsonText json, string scanId, Visit visit)
    {
        json.Raw("{\"scanId\":\""u8);
        json.Text(scanId);
        json.Raw(
            visit.Reasons == RefusalReasons.None
                ? "\",\"admit\":true,\"colour\":\""u8
                : "\",\"admit\":false,\"colour\":\""u8
        );
        json.Raw(CodeNames.Utf8(visit.Colour));
        json.Raw("\",\"reasons\":["u8);
        if (visit.Reasons != RefusalReasons.None)
            WriteReasons(ref json, visit.Reasons);
        if (visit.Resident == Guid.Empty)
        {
            json.Raw("],\"test\":null,\"name\":null,\"recordedAt\":"u8);
        }
        else
        {
            json.Raw("],\"test\":"u8);
            CodeJson.WriteTest(ref json, visit.Test, visit.RecordedAt);
            json.Raw(",\"name\":\""u8);
            json.Text(visit.Name);
            json.Raw("\",\"recordedAt\":"u8);
        }
        json.Time(visit.RecordedAt);
        json.Byte((byte)'}');
    }

    /// <summary>Writes the error of one batch entry.</summary>
    internal static void WriteError(ref JsonText json, string? scanId, ErrorCode code)
    {
        json.Raw("{\"scanId\":"u8);
        if (scanId is null)
        {
            json.Raw("null"u8);
        }
        else
        {
            json.Byte((byte)'"');
            json.Text(scanId);
            json.Byte((byte)'"');
        }
        json.Raw(",\"status\":"u8);
        json.Number(code.Status);
        json.Raw(",\"code\":\""u8);
        json.Text(code.Code);
        json.Raw("\",\"title\":\""u8);
        json.Text(code.Title);
        json.Raw("\"}"u8);
    }

    private static void WriteReasons(ref JsonText json, RefusalReasons reasons)
    {
        var follows = false;
        foreach (var (reason, name) in Names)
        {
            if ((reasons & reason) == 0)
                continue;
            json.Raw(follows ? ",\""u8 : "\""u8);
            json.Text(name);
            json.Byte((byte)'"');
            follows = true;
        }
    }
}
