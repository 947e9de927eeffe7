using Grid.Codes;
using Grid.Gateway.Json;

namespace Grid.Gateway.Codes;

/// <summary>Writes the parts of a display that other answers contain too.</summary>
internal static class CodeJson
{
    /// <summary>Upper bound of what <see cref="WriteTest"/> writes.</summary>
    internal const int MaxTestBytes = 160;

    /// <summary>Writes the test object.</summary>
    internal static void WriteTest(ref JsonText json, in TestView test, DateTimeOffset now)
    {
        if (test.Result is { } result)
        {
            json.Raw("{\"result\":\""u8);
            json.Raw(CodeNames.Utf8(result));
            json.Raw("\",\"collectedAt\":"u8);
        }
        else
        {
            json.Raw("{\"result\":null,\"collectedAt\":"u8);
        }
        json.Time(test.CollectedAt);
        json.Raw(",\"ageHours\":"u8);
        if (test.AgeHours(now) is { } age)
            json.Number(age);
        else
            json.Raw("null"u8);
        json.Raw(",\"state\":\""u8);
        json.Raw(CodeNames.Utf8(test.State));
        json.Raw("\"}"u8);
    }
}
