using System.Text.Json;
using Grid.Clients;
using Grid.Codes;
using Grid.ImportReports;
using Grid.Residents;
using Grid.Sampling;
using Grid.Sessions;
using Grid.Silo.Stores;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Tests.Serialization;

/// <summary>The untyped view of a stored type.</summary>
internal abstract class StoredType(string name)
{
    internal static readonly StoredType[] All =
    [
        new Of<ResidentState>("resident", static () => Samples.Resident),
        new Of<TubeState>("tube", static () => Samples.Tube),
        new Of<DoseState>("dose", static () => Samples.Dose),
        new Of<SessionState>("session", static () => Samples.Session),
        new Of<VenueState>("venue", static () => Samples.Venue),
        new Of<ClientState>("client", static () => Samples.Client),
        new Of<RevocationsState>("revocations", static () => Samples.Revocations),
        new Of<HeldTubesState>("held-tubes", static () => Samples.HeldTubes),
        new Of<ConflictIndexState>("conflict-index", static () => Samples.ConflictIndex),
        new Of<ImportReportsState>("import-reports", static () => Samples.ImportReports),
        new Of<TestView>("test", static () => Samples.Test),
    ];

    internal string Name => name;

    internal static TheoryData<string> Names => new(All.Select(static type => type.Name));

    internal static StoredType Named(string name) => All.Single(type => type.Name == name);

    /// <summary>The stored type.</summary>
    internal abstract Type Type { get; }

    /// <summary>Serializes the sample.</summary>
    internal abstract byte[] Encode();

    /// <summary>Deserializes bytes and discards the state.</summary>
    internal abstract void Read(byte[] bytes);

    /// <summary>Deserializes bytes to JSON, to compare all members.</summary>
    internal abstract string Decode(byte[] bytes);

    /// <summary>The sample as JSON.</summary>
    internal abstract string Sample { get; }

    private sealed class Of<T>(string name, Func<T> sample) : StoredType(name)
    {
        internal override Type Type => typeof(T);

        internal override string Sample => JsonSerializer.Serialize(sample());

        internal override byte[] Encode() => StateBytes.Encode(sample());

        internal override void Read(byte[] bytes) => StateBytes.Decode<T>(bytes);

        internal override string Decode(byte[] bytes) => JsonSerializer.Serialize(StateBytes.Decode<T>(bytes));
    }
}
