using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Commands.Demo;

/// <summary>Which city a data folder was filled with.</summary>
/// <param name="Residents">How many residents.</param>
/// <param name="Seed">The seed.</param>
/// <param name="AsOf">The moment that the city was made for.</param>
/// <param name="Complete">Whether the load came to its end.</param>
internal sealed record DemoCity(int Residents, ulong Seed, DateTimeOffset AsOf, bool Complete);

/// <summary>
/// What the demo leaves beside the store, in <c>&lt;data&gt;/demo</c>: <c>city.json</c>, so that a second run makes the
/// same city; <c>residents.csv</c> and <c>venues.csv</c>, one id a line, for the load tool. Ids of synthetic residents
/// only.
/// </summary>
internal sealed class DemoFolder
{
    private readonly string _folder;

    public DemoFolder(string dataFolder)
    {
        _folder = Path.Combine(dataFolder, "demo");
        Directory.CreateDirectory(_folder);
    }

    private string CityFile => Path.Combine(_folder, "city.json");

    /// <summary>Whether a data folder has a demo city, or the beginning of one.</summary>
    public static bool IsIn(string dataFolder) => File.Exists(Path.Combine(dataFolder, "demo", "city.json"));

    /// <summary>The city of this folder, or null.</summary>
    /// <exception cref="IOException">There is a note, and it is none.</exception>
    public DemoCity? Read()
    {
        if (!File.Exists(CityFile))
            return null;
        try
        {
            if (
                JsonSerializer.Deserialize(File.ReadAllBytes(CityFile), DemoJson.Default.DemoCity) is
                { Residents: >= 1 and <= Population.MaxResidents } city
            )
                return city;
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new IOException($"{CityFile} does not say which demo city the data folder has.");
    }

    /// <summary>Notes the city; the note is there whole or not at all.</summary>
    public void Write(DemoCity city)
    {
        string draft = CityFile + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(city, DemoJson.Default.DemoCity));
        File.Move(draft, CityFile, overwrite: true);
    }

    /// <summary>The list of residents, emptied.</summary>
    public StreamWriter CreateResidentList() => CreateList("residents.csv");

    /// <summary>The list of venues, emptied.</summary>
    public StreamWriter CreateVenueList() => CreateList("venues.csv");

    private StreamWriter CreateList(string name) =>
        new(Path.Combine(_folder, name), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
        {
            NewLine = "\n",
        };
}

/// <summary>The demo's own JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DemoCity))]
internal sealed partial class DemoJson : JsonSerializerContext;
