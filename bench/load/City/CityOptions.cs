using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.City;

/// <summary>The options of <c>city</c>.</summary>
internal sealed record CityOptions
{
    public required int Residents { get; init; }

    /// <summary>A data folder that has the city already; null: one is made, and removed afterwards.</summary>
    public string? Data { get; init; }

    public string? Gateway { get; init; }

    /// <summary>Displays a second while the city is brought into memory.</summary>
    public required double Rate { get; init; }

    /// <summary>How many different residents look at their code.</summary>
    public required int Phones { get; init; }

    /// <summary>How long the hot city is asked as fast as it answers.</summary>
    public required TimeSpan Duration { get; init; }

    public required TimeSpan LoadMax { get; init; }

    public required string Scratch { get; init; }

    public bool Keep { get; init; }

    public string? JsonFile { get; init; }

    public static CityOptions Parse(IEnumerable<string> arguments)
    {
        var given = new Arguments(arguments);
        var options = new CityOptions
        {
            Residents = given.Number("residents", 12_950_000, 1_000, 46_950_000),
            Data = given.Text("data"),
            Gateway = given.Text("gateway"),
            Rate = given.Number("rate", 2_000, 1, 1_000_000),
            Phones = given.Number("phones", 100_000, 100, 5_000_000),
            Duration = given.Duration("duration", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            LoadMax = given.Duration("load-max", TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(10), TimeSpan.FromHours(2)),
            Scratch = given.Text("scratch", Path.GetTempPath()),
            Keep = given.Flag("keep"),
            JsonFile = given.Text("json"),
        };
        given.Finish();
        return options;
    }
}
