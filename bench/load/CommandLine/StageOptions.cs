namespace Grid.Bench.Load.CommandLine;

/// <summary>Where the residents, tokens and tubes of a run come from, and how they are drawn.</summary>
internal sealed record StageOptions
{
    public const int MaxResidents = 50_000_000;

    /// <summary>Number of residents of the list that take part.</summary>
    public required int Residents { get; init; }

    /// <summary>The gateway's data folder: its keys mint the tokens, its demo city lists the residents.</summary>
    public string? DataFolder { get; init; }

    /// <summary>
    /// A file of resident ids, one in the first column of each line; null: the demo city's list in the data folder.
    /// </summary>
    public string? ResidentsFile { get; init; }

    /// <summary>The path of Grid.Gateway.dll; null: the one built in this repository.</summary>
    public string? Gateway { get; init; }

    /// <summary>Zipf exponent of the draw of residents; 0 is uniform.</summary>
    public required double Zipf { get; init; }

    /// <summary>Residents whose displayed code is scanned; each code is refreshed before it expires.</summary>
    public required int Codes { get; init; }

    /// <summary>Venues, each with its device.</summary>
    public required int Venues { get; init; }

    /// <summary>Scans in a request of <c>scan-batch</c>.</summary>
    public required int Batch { get; init; }

    /// <summary>Tubes created before a run of <c>results</c> or <c>mixed</c>.</summary>
    public required int Tubes { get; init; }

    /// <summary>Members of each tube: 1, 5, 10 or 20.</summary>
    public required int TubeSize { get; init; }

    /// <summary>The weights of <c>mixed</c>: displays, scans, results.</summary>
    public required IReadOnlyList<int> Mix { get; init; }

    public static StageOptions Parse(Arguments given)
    {
        var tubeSize = given.Number("tube-size", 20, 1, 20);
        if (tubeSize is not (1 or 5 or 10 or 20))
            throw new LoadException($"--tube-size is 1, 5, 10 or 20; not '{tubeSize}'");
        return new StageOptions
        {
            Residents = given.Number("residents", 100_000, 1, MaxResidents),
            DataFolder = given.Text("data"),
            ResidentsFile = given.Text("residents-file"),
            Gateway = given.Text("gateway"),
            Zipf = given.Fraction("zipf", 0.99, 0, 5),
            Codes = given.Number("codes", 5_000, 1, 200_000),
            Venues = given.Number("venues", 50, 1, 10_000),
            Batch = given.Number("batch", 100, 1, 500),
            Tubes = given.Number("tubes", 20_000, 1, 1_000_000),
            TubeSize = tubeSize,
            Mix = MixOf(given.Text("mix", "display=60,scan=39,result=1")),
        };
    }

    private static int[] MixOf(string text)
    {
        string[] names = ["display", "scan", "result"];
        var parts = new int[names.Length];
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=');
            var name = equals < 0 ? -1 : Array.IndexOf(names, part[..equals]);
            if (name < 0 || !int.TryParse(part[(equals + 1)..], out parts[name]) || parts[name] is < 0 or > 1_000_000)
                throw new LoadException($"--mix is parts such as display=60,scan=39,result=1; not '{text}'");
        }
        return parts.Sum() > 0 ? parts : throw new LoadException("--mix leaves nothing to send");
    }
}
