namespace Grid.Commands.Demo;

/// <summary>Examples for a first look at the city: one resident of each colour, and a tube without a result.</summary>
internal sealed record Showcase(int? Green, int? Yellow, int? Red, Tube? Waiting)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(20);

    /// <summary>Searches from the first tube on, as far as needed.</summary>
    public static Showcase Of(City city)
    {
        var found = new Showcase(null, null, null, null);
        foreach (Tube tube in city.Tubes())
        {
            found = found.With(tube, city);
            if (found is { Green: not null, Yellow: not null, Red: not null, Waiting: not null })
                break;
        }

        return found;
    }

    private Showcase With(Tube tube, City city) =>
        tube switch
        {
            { Finding: Finding.Negative } when Green is null && tube.CollectedAt > city.Now - Fresh => this with
            {
                Green = tube.Members.Cast<int?>().FirstOrDefault(i => HasTwoDoses(city, i!.Value)),
            },
            { Finding: Finding.Positive, Capacity: > 1 } => this with { Yellow = Yellow ?? tube.Members[0] },
            { Finding: Finding.Positive } => this with { Red = Red ?? tube.Members[0] },
            { Finding: Finding.Pending, Capacity: > 1 } when tube.CollectedAt > city.Now - Fresh => this with
            {
                Waiting = Waiting ?? tube,
            },
            _ => this,
        };

    private static bool HasTwoDoses(City city, int index) => city.DosesOf(city.Resident(index)).Count() >= 2;
}
