namespace Grid.Commands.Demo;

/// <summary>One injection of a synthetic resident.</summary>
/// <param name="Dose">1, 2 or 3.</param>
internal readonly record struct Injection(int Dose, string Product, DateTimeOffset At);

/// <summary>The doses of each resident and their times, by age, as in the city's campaign of 2021.</summary>
internal static class Vaccinations
{
    /// <summary>Upper bound of a resident's doses.</summary>
    public const int MaxDoses = 3;

    private static readonly string[] Products = ["BBIBP-CorV", "CoronaVac", "WIBP-CorV"];

    /// <summary>The number of doses of a person.</summary>
    public static int DosesOf(Draw draw, Person person)
    {
        // The cumulative shares per age group: no dose, at most one, at most two.
        (double none, double one, double two) = person.Age switch
        {
            < 3 => (1.0, 1.0, 1.0),
            < 12 => (0.12, 0.20, 1.0),
            < 18 => (0.04, 0.07, 1.0),
            < 60 => (0.02, 0.05, 0.32),
            < 80 => (0.11, 0.17, 0.41),
            _ => (0.38, 0.46, 0.70),
        };
        double drawn = draw.Unit(person.Index, Purpose.Doses);
        return drawn < none ? 0
            : drawn < one ? 1
            : drawn < two ? 2
            : MaxDoses;
    }

    /// <summary>
    /// One of a person's <paramref name="doses"/>: the last one was 10 to 80 days ago, the first two three weeks apart.
    /// </summary>
    public static Injection Dose(Draw draw, Person person, int dose, int doses, DateTimeOffset now)
    {
        double lastAge = 10 + 70 * draw.Unit(person.Index, Purpose.DoseAge);
        double age = (doses - dose) switch
        {
            0 => lastAge,
            1 when doses == MaxDoses => lastAge + 185,
            1 => lastAge + 24,
            _ => lastAge + 185 + 24,
        };
        string product = Products[draw.Below(Products.Length, person.Index, Purpose.Product)];
        return new Injection(dose, product, CityTime.WholeSecond(now - TimeSpan.FromDays(age)));
    }
}
