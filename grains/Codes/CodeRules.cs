using Grid.Residents;
using Grid.Results;

namespace Grid.Codes;

/// <summary>
/// Computes the colour from the resident's state and the clock: the worst of the active causes. We never store it, so
/// expiry needs no timer. Pure, so tests are tables.
/// </summary>
public static class CodeRules
{
    /// <summary>The version of the rules that turn results into causes.</summary>
    public const int Version = 1;

    /// <summary>The worst of the active causes; green without one.</summary>
    public static CodeColour Colour(ReadOnlySpan<Cause> causes, DateTimeOffset now)
    {
        var worst = CodeColour.Green;
        foreach (var cause in causes)
        {
            if (cause.Colour > worst && cause.IsActive(now))
                worst = cause.Colour;
        }
        return worst;
    }

    /// <summary>
    /// What a display shows at <paramref name="now"/>; a grey, empty view when no resident is registered.
    /// </summary>
    /// <param name="state">The resident as last committed.</param>
    /// <param name="name">The masked name.</param>
    /// <param name="now">The moment of the display.</param>
    /// <param name="options">The settings of the rules.</param>
    public static CodeView View(ResidentState state, string name, DateTimeOffset now, CodeOptions options)
    {
        if (!state.Registered)
            return new CodeView
            {
                Name = "",
                Colour = CodeColour.Grey,
                AsOf = now,
                Causes = [],
            };
        return new CodeView
        {
            Registered = true,
            Name = name,
            Colour = Colour(state.Causes, now),
            AsOf = now,
            ChangesAt = ChangesAt(state.Causes, now),
            Test = Test(state.Tests, now, options),
            Vaccination = Vaccination(state),
            Causes = Active(state.Causes, now),
            Version = state.Version,
        };
    }

    /// <summary>Finds the newest test with a result, and whether a newer sample waits.</summary>
    public static TestView Test(ReadOnlySpan<TestRecord> tests, DateTimeOffset now, CodeOptions options)
    {
        int resulted = -1,
            conclusive = -1,
            waiting = -1;
        for (var i = 0; i < tests.Length; i++)
        {
            ref readonly var test = ref tests[i];
            if (test.Withdrawn)
                continue;
            if (test.Result is null)
                waiting = Newest(tests, waiting, i);
            else
                resulted = Newest(tests, resulted, i);
            if (test.Result is TestResult.Negative or TestResult.Positive)
                conclusive = Newest(tests, conclusive, i);
        }
        // An inconclusive or invalid test does not replace a conclusive one.
        var shown = conclusive >= 0 ? conclusive : resulted;
        if (waiting >= 0 && shown >= 0 && tests[waiting].CollectedUnixMs <= tests[shown].CollectedUnixMs)
            waiting = -1;
        if (waiting < 0)
        {
            return shown < 0
                ? default
                : new TestView(TestState.Resulted, tests[shown].Result, tests[shown].CollectedAt, null);
        }
        var sampledAt = tests[waiting].CollectedAt;
        var state = now - sampledAt > options.OverdueAfter ? TestState.Overdue : TestState.Sampled;
        return shown < 0
            ? new TestView(state, null, sampledAt, sampledAt)
            : new TestView(state, tests[shown].Result, tests[shown].CollectedAt, sampledAt);
    }

    /// <summary>
    /// The later of two samples. A tie goes to the later test, then to the higher key, so that the order of arrival
    /// does not matter.
    /// </summary>
    private static int Newest(ReadOnlySpan<TestRecord> tests, int best, int candidate)
    {
        if (best < 0)
            return candidate;
        ref readonly var a = ref tests[best];
        ref readonly var b = ref tests[candidate];
        var order = a.CollectedUnixMs.CompareTo(b.CollectedUnixMs);
        if (order == 0)
            order = a.TestedUnixMs.CompareTo(b.TestedUnixMs);
        if (order == 0)
            order = a.Tube.CompareTo(b.Tube);
        return order >= 0 ? best : candidate;
    }

    private static VaccinationView Vaccination(ResidentState state)
    {
        if (state.Doses.Length == 0)
            return default;
        var highest = 0;
        foreach (ref readonly var dose in state.Doses.AsSpan())
            highest = Math.Max(highest, dose.Number);
        return new VaccinationView(highest, state.Doses[^1].At);
    }

    private static Cause[] Active(Cause[] causes, DateTimeOffset now)
    {
        foreach (var cause in causes)
        {
            if (!cause.IsActive(now))
                return Array.FindAll(causes, each => each.IsActive(now));
        }
        return causes;
    }

    /// <summary>The next expiry. No cause starts in the future, so only ends change the view.</summary>
    private static DateTimeOffset? ChangesAt(Cause[] causes, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var cause in causes)
        {
            if (cause.Until is { } until && until > now && !(next <= until))
                next = until;
        }
        return next;
    }
}
