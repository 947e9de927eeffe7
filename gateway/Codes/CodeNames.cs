using Grid.Codes;
using Grid.Results;

namespace Grid.Gateway.Codes;

/// <summary>API names of colours, results, states and kinds, as text and as JSON-safe UTF-8 bytes.</summary>
internal static class CodeNames
{
    internal static string Of(CodeColour colour) =>
        colour switch
        {
            CodeColour.Green => "green",
            CodeColour.Yellow => "yellow",
            CodeColour.Red => "red",
            _ => "grey",
        };

    internal static bool TryParse(string? name, out CodeColour colour)
    {
        (var known, colour) = name switch
        {
            "green" => (true, CodeColour.Green),
            "yellow" => (true, CodeColour.Yellow),
            "red" => (true, CodeColour.Red),
            "grey" => (true, CodeColour.Grey),
            _ => (false, default),
        };
        return known;
    }

    internal static string Of(TestResult result) =>
        result switch
        {
            TestResult.Negative => "negative",
            TestResult.Positive => "positive",
            TestResult.Inconclusive => "inconclusive",
            _ => "invalid",
        };

    internal static bool TryParse(string? name, out TestResult result)
    {
        result = name switch
        {
            "negative" => TestResult.Negative,
            "positive" => TestResult.Positive,
            "inconclusive" => TestResult.Inconclusive,
            "invalid" => TestResult.Invalid,
            _ => default,
        };
        return result != default;
    }

    internal static string Of(CauseKind kind) =>
        kind switch
        {
            CauseKind.PoolHold => "pool-hold",
            CauseKind.Positive => "positive",
            CauseKind.Override => "override",
            _ => "contact",
        };

    /// <summary>The name of the event that ends the cause.</summary>
    internal static string ReleaseOf(Cause cause) => System.Text.Encoding.ASCII.GetString(ReleaseUtf8(cause));

    /// <inheritdoc cref="ReleaseOf"/>
    internal static ReadOnlySpan<byte> ReleaseUtf8(Cause cause) =>
        cause switch
        {
            { Kind: CauseKind.PoolHold } => "single-retest"u8,
            { Kind: CauseKind.Positive } => "two-negatives"u8,
            { Until: not null } => "expiry"u8,
            _ => "decision"u8,
        };

    internal static ReadOnlySpan<byte> Utf8(CodeColour colour) =>
        colour switch
        {
            CodeColour.Green => "green"u8,
            CodeColour.Yellow => "yellow"u8,
            CodeColour.Red => "red"u8,
            _ => "grey"u8,
        };

    internal static ReadOnlySpan<byte> Utf8(TestResult result) =>
        result switch
        {
            TestResult.Negative => "negative"u8,
            TestResult.Positive => "positive"u8,
            TestResult.Inconclusive => "inconclusive"u8,
            _ => "invalid"u8,
        };

    internal static ReadOnlySpan<byte> Utf8(TestState state) =>
        state switch
        {
            TestState.None => "none"u8,
            TestState.Sampled => "sampled"u8,
            TestState.Resulted => "resulted"u8,
            _ => "overdue"u8,
        };
}
