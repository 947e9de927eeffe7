using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Silo.Transfer;

/// <summary>A kind of state in a file.</summary>
/// <param name="Grain">The type of the grains.</param>
/// <param name="State">The name of the state.</param>
/// <param name="HasPending">Whether states of the kind can have work left.</param>
/// <param name="Rows">How many there are.</param>
internal sealed record TransferKind(string Grain, string State, bool HasPending, long Rows);

/// <summary>The first line of a file: what it is, and how much of what follows.</summary>
/// <param name="Format">Always <see cref="FormatName"/>: by it the file is recognised.</param>
/// <param name="Version">The version of the format.</param>
/// <param name="At">When it was begun.</param>
/// <param name="Keys">What tells the keys apart that names and telephone numbers are sealed with; never a key.</param>
/// <param name="States">The kinds of states, in the order in which they follow.</param>
/// <param name="Visits">How many visits follow the states.</param>
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
/// Every other line: the beginning of a kind (<see cref="Kind"/>), a state of it, a visit, or the end (<see cref="Sha256"/>).
/// </summary>
internal sealed record TransferLine
{
    /// <summary>The number of the kind that begins.</summary>
    public int? Kind { get; init; }

    /// <summary>The key of a grain.</summary>
    public string? Key { get; init; }

    /// <summary>The stored version of its state.</summary>
    public long Version { get; init; }

    /// <summary>Whether it has work left.</summary>
    public bool Pending { get; init; }

    /// <summary>The state as stored.</summary>
    public byte[]? State { get; init; }

    /// <summary>The scan id of a visit.</summary>
    public string? Scan { get; init; }

    /// <summary>When it was recorded.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Who visited.</summary>
    public Guid? Resident { get; init; }

    /// <summary>Where.</summary>
    public string? Venue { get; init; }

    /// <summary>The device.</summary>
    public string? Device { get; init; }

    /// <summary>The hash of what the device sent.</summary>
    public ulong Content { get; init; }

    /// <summary>Why it was refused, as a set of bits.</summary>
    public int Reasons { get; init; }

    /// <summary>The colour that was shown, as a number.</summary>
    public int Colour { get; init; }

    /// <summary>The test that was shown, as stored.</summary>
    public byte[]? Test { get; init; }

    /// <summary>The masked name that was shown.</summary>
    public string? Name { get; init; }

    /// <summary>The end: how many states there were.</summary>
    public long? States { get; init; }

    /// <summary>The end: how many visits there were.</summary>
    public long? Visits { get; init; }

    /// <summary>The end: the SHA-256 of all bytes before this line, in hexadecimal.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>How lines are written.</summary>
[JsonSerializable(typeof(TransferHeader))]
[JsonSerializable(typeof(TransferLine))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault
)]
internal sealed partial class TransferJson : JsonSerializerContext
{
    /// <summary>With names as they are: nothing here is a web page.</summary>
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
