using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Engine.Cluster;

/// <summary>What a member that has lost the store asks of each other one: not to take it out for a lease.</summary>
/// <param name="From">Who asks.</param>
/// <param name="To">Which life is asked: another one of the same silo can't speak for it.</param>
/// <param name="Version">The view that the asking one follows.</param>
internal sealed record PromiseRequest(MemberId From, MemberId To, long Version)
{
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PromiseJson.Default.PromiseRequest);

    /// <exception cref="FormatException">The bytes are no request.</exception>
    internal static PromiseRequest Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, PromiseJson.Default.PromiseRequest) ?? throw new FormatException("The bytes ask for no promise.");
        }
        catch (JsonException fault)
        {
            throw new FormatException("The bytes ask for no promise.", fault);
        }
    }
}

/// <summary>The answer to it.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="View">The view of who answers, if it is newer.</param>
internal sealed record PromiseAnswer(PromiseVerdict Verdict, ClusterView? View = null)
{
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PromiseJson.Default.PromiseAnswer);

    /// <summary>Reads an answer; who does not know the question answers with nothing, and has promised nothing.</summary>
    internal static PromiseAnswer Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return (bytes.IsEmpty ? null : JsonSerializer.Deserialize(bytes, PromiseJson.Default.PromiseAnswer)) ?? new PromiseAnswer(PromiseVerdict.Refused);
        }
        catch (JsonException)
        {
            return new PromiseAnswer(PromiseVerdict.Refused);
        }
    }
}

/// <summary>Whether a promise was given. The numbers are the protocol's.</summary>
internal enum PromiseVerdict : byte
{
    /// <summary>No, for now.</summary>
    Refused = 0,

    /// <summary>It was.</summary>
    Given = 1,

    /// <summary>There is a newer view, which comes with the answer.</summary>
    Behind = 2,

    /// <summary>Whom it was asked of is no more: another life of the silo answers, or another silo.</summary>
    OtherLife = 3,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PromiseRequest))]
[JsonSerializable(typeof(PromiseAnswer))]
internal sealed partial class PromiseJson : JsonSerializerContext;
