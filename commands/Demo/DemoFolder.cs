using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Commands.Demo;

/// <summary>The demo city of a data folder.</summary>
/// <param name="Residents">The number of residents.</param>
/// <param name="Seed">The seed.</param>
/// <param name="AsOf">The reference time of the city.</param>
/// <param name="Complete">Whether the load has finished.</param>
internal sealed record DemoCity(int Residents, ulong Seed, DateTimeOffset AsOf, bool Complete);

/// <summary>
/// The demo's files beside the store, in <c>&lt;data&gt;/demo</c>: <c>city.json</c>, so that a second run makes the
/// same city; <c>residents.csv</c> and <c>venues.csv</c>, one id per line, for the load tool. Synthetic residents only.
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

    /// <summary>Whether a data folder has a demo city, complete or partial.</summary>
    public static bool IsIn(string dataFolder) => File.Exists(Path.Combine(dataFolder, "demo", "city.json"));

    /// <summary>The city of this folder, or null.</summary>
    /// <exception cref="IOException">The file <c>city.json</c> is invalid.</exception>
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
            // Thrown below.
        }

        throw new IOException($"{CityFile} is not a valid description of a demo city.");
    }

    /// <summary>Writes <c>city.json</c> atomically.</summary>
    public void Write(DemoCity city)
    {
        string draft = CityFile + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(city, DemoJson.Default.DemoCity));
        File.Move(draft, CityFile, overwrite: true);
    }

    /// <summary>Creates or truncates the list of residents.</summary>
    public StreamWriter CreateResidentList() => CreateList("residents.csv");

    /// <summary>Creates or truncates the list of venues.</summary>
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
