using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Silo.Transfer;

/// <summary>A kind of state in a file.</summary>
/// <param name="Grain">The type of the grains.</param>
/// <param name="State">The name of the state.</param>
/// <param name="HasPending">Whether states of the kind can have work left.</param>
/// <param name="Rows">The number of states.</param>
internal sealed record TransferKind(string Grain, string State, bool HasPending, long Rows);

/// <summary>The first line of a file: its format and what follows.</summary>
/// <param name="Format">Always <see cref="FormatName"/>; identifies the file.</param>
/// <param name="Version">The version of the format.</param>
/// <param name="At">When the export started.</param>
/// <param name="Keys">The marks of the keys that seal names and telephone numbers; never a key.</param>
/// <param name="States">The kinds of states, in file order.</param>
/// <param name="Visits">The number of visits after the states.</param>
internal sealed record TransferHeader(
    string Format,
    int Version,
    DateTimeOffset At,
    string[] Keys,
    TransferKind[] States,
    long Visits
)
{
    internal const string FormatName = "grid-export";
    internal const int VersionNow = 1;
}

/// <summary>
/// Any other line: the start of a kind (<see cref="Kind"/>), a state of it, a visit, or the end (<see cref="Sha256"/>).
/// </summary>
internal sealed record TransferLine
{
    /// <summary>The number of the kind that starts.</summary>
    public int? Kind { get; init; }

    /// <summary>The key of a grain.</summary>
    public string? Key { get; init; }

    /// <summary>The stored version of its state.</summary>
    public long Version { get; init; }

    /// <summary>Whether the state has pending work.</summary>
    public bool Pending { get; init; }

    /// <summary>The state as stored.</summary>
    public byte[]? State { get; init; }

    /// <summary>The scan id of a visit.</summary>
    public string? Scan { get; init; }

    /// <summary>When the visit was recorded.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The resident.</summary>
    public Guid? Resident { get; init; }

    /// <summary>The venue.</summary>
    public string? Venue { get; init; }

    /// <summary>The device.</summary>
    public string? Device { get; init; }

    /// <summary>The hash of what the device sent.</summary>
    public ulong Content { get; init; }

    /// <summary>The refusal reasons, as a set of bits.</summary>
    public int Reasons { get; init; }

    /// <summary>The colour that was shown, as a number.</summary>
    public int Colour { get; init; }

    /// <summary>The test that was shown, as stored.</summary>
    public byte[]? Test { get; init; }

    /// <summary>The masked name that was shown.</summary>
    public string? Name { get; init; }

    /// <summary>In the last line: the number of states.</summary>
    public long? States { get; init; }

    /// <summary>In the last line: the number of visits.</summary>
    public long? Visits { get; init; }

    /// <summary>In the last line: the SHA-256 of all bytes before it, in hexadecimal.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>The JSON format of the lines.</summary>
[JsonSerializable(typeof(TransferHeader))]
[JsonSerializable(typeof(TransferLine))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault
)]
internal sealed partial class TransferJson : JsonSerializerContext
{
    /// <summary>Writes names unescaped: the file is not a web page.</summary>
    internal static TransferJson Plain { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
