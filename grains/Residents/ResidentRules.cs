using Grid.Codes;
using Grid.Sampling;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>How events change a resident's state. Pure: a state and an event give the next state.</summary>
public static class ResidentRules
{
    /// <summary>The state after a tube's standing; null when the standing is not newer.</summary>
    public static ResidentState? Apply(
        ResidentState state,
        Guid resident,
        TubeStanding standing,
        DateTimeOffset now,
        CodeOptions options
    )
    {
        var tube = StableId.Of(standing.TubeId);
        var at = Array.FindIndex(state.Tests, test => test.Tube == tube);
        if (at >= 0 && state.Tests[at].Revision >= standing.Revision)
            return null;
        var next = state.Next();
        var tests = PutTest(state.Tests, at, ToRecord(tube, standing));
        next.Asked = PutAsked(state.Asked, tube, ToCause(resident, tube, standing, options));
        var ends = Array.ConvertAll(next.Asked, asked => EndOf(asked, tests, next.Asked, options));
        PutCauses(next, state, ends, standing, now);
        Bound(next, tests, ends);
        return next;
    }

    /// <summary>The state after a dose; null when the state has it.</summary>
    public static ResidentState? Vaccinate(ResidentState state, DoseRecord dose)
    {
        var record = StableId.ShortOf(dose.RecordId);
        if (Array.Exists(state.Doses, each => each.Record == record))
            return null;
        var next = state.Next();
        var doses = new List<Dose>(state.Doses)
        {
            new()
            {
                Record = record,
                GivenUnixMs = dose.At.ToUnixTimeMilliseconds(),
                Product = dose.Product,
                Number = (byte)dose.Number,
            },
        };
        doses.Sort((a, b) => (a.GivenUnixMs, a.Number, a.Record).CompareTo((b.GivenUnixMs, b.Number, b.Record)));
        next.Doses = [.. doses.Skip(doses.Count - ResidentState.MaxDoses)];
        return next;
    }

    private static TestRecord ToRecord(Guid tube, TubeStanding standing) =>
        new(
            tube,
            standing.Revision,
            standing.CollectedAt.ToUnixTimeMilliseconds(),
            standing.Result is null ? 0 : standing.TestedAt.ToUnixTimeMilliseconds(),
            standing.Result,
            standing.Withdrawn,
            standing.IsSingle
        );

    private static List<TestRecord> PutTest(TestRecord[] tests, int at, TestRecord record)
    {
        var list = new List<TestRecord>(tests);
        if (at >= 0)
            list.RemoveAt(at);
        list.Add(record);
        list.Sort((a, b) => (a.CollectedUnixMs, a.Tube).CompareTo((b.CollectedUnixMs, b.Tube)));
        return list;
    }

    /// <summary>Replaces the cause that this tube asked for, if any, by the one that it asks for now.</summary>
    private static TubeCause[] PutAsked(TubeCause[] asked, Guid tube, TubeCause? wanted)
    {
        if (wanted is null && !Array.Exists(asked, each => each.Tube == tube))
            return asked;
        var others = asked.Where(each => each.Tube != tube);
        return [.. wanted is null ? others : others.Append(wanted)];
    }

    private static TubeCause? ToCause(Guid resident, Guid tube, TubeStanding standing, CodeOptions options)
    {
        var (kind, colour) = standing.Cause switch
        {
            _ when standing.Withdrawn => (default, CodeColour.Grey),
            StandingCause.Hold => (CauseKind.PoolHold, CodeColour.Yellow),
            StandingCause.Positive => (CauseKind.Positive, CodeColour.Red),
            _ => (default, CodeColour.Grey),
        };
        if (kind == default)
            return null;
        var source = $"tube:{standing.TubeId}";
        DateTimeOffset? releaseExpectedBy =
            kind == CauseKind.PoolHold ? standing.CauseSince + options.RetestWithin : null;
        var cause = new Cause(
            StableId.Of($"{resident:N}|{source}|{kind}"),
            kind,
            colour,
            source,
            CodeRules.Version,
            standing.CauseSince,
            Until: null,
            standing.Issuer ?? "",
            releaseExpectedBy
        );
        return new TubeCause(tube, standing.CollectedAt.ToUnixTimeMilliseconds(), cause);
    }

    /// <summary>
    /// Finds the tests that end a tube's cause, in any order of arrival. A negative single test ends a pool's
    /// hold if its sample is not older than the pool's. <see cref="CodeOptions.RecoveryNegatives"/> negative single
    /// tests end a positive if their samples are newer and <see cref="CodeOptions.RecoveryInterval"/> apart.
    /// </summary>
    /// <returns>The tubes of these tests; null while the cause is in force.</returns>
    private static Guid[]? EndOf(TubeCause asked, List<TestRecord> tests, TubeCause[] all, CodeOptions options)
    {
        var isHold = asked.Cause.Kind == CauseKind.PoolHold;
        var needed = isHold ? 1 : options.RecoveryNegatives;
        var apartMs = (long)options.RecoveryInterval.TotalMilliseconds;
        var evidence = new List<Guid>(needed);
        var earliest = isHold ? asked.CollectedUnixMs : asked.CollectedUnixMs + 1;
        foreach (var test in tests)
        {
            if (!test.IsNegativeSingle || test.CollectedUnixMs < earliest)
                continue;
            if (Array.Exists(all, each => each.Tube == test.Tube))
                continue;
            evidence.Add(test.Tube);
            if (evidence.Count == needed)
                return [.. evidence];
            earliest = test.CollectedUnixMs + apartMs;
        }
        return null;
    }

    /// <summary>
    /// Collects the causes in force: those of other sources, unchanged, and those of tubes that no test ends. A tube's
    /// cause moves to the ended ones when it is no longer in force, or when earlier tests ended it on arrival.
    /// </summary>
    private static void PutCauses(
        ResidentState next,
        ResidentState before,
        Guid[]?[] ends,
        TubeStanding standing,
        DateTimeOffset now
    )
    {
        if (next.Asked.Length == 0 && before.Asked.Length == 0)
            return;
        var inForce = next.Asked.Where((_, i) => ends[i] is null).Select(asked => asked.Cause).ToArray();
        var ended = before
            .Causes.Where(cause =>
                IsOfTube(before, cause) && !Array.Exists(inForce, each => each.CauseId == cause.CauseId)
            )
            .Concat(
                next.Asked.Where((asked, i) => ends[i] is not null && !IsOfTube(before, asked.Cause))
                    .Select(asked => asked.Cause)
            )
            .Select(cause => new EndedCause(cause, now, EndedBy(cause, standing)));
        next.Ended = [.. next.Ended.Concat(ended).TakeLast(ResidentState.MaxEnded)];
        next.Causes =
        [
            .. before
                .Causes.Where(cause => !IsOfTube(before, cause))
                .Concat(inForce)
                .OrderBy(cause => cause.Since)
                .ThenBy(cause => cause.CauseId),
        ];
    }

    private static bool IsOfTube(ResidentState state, Cause cause) =>
        Array.Exists(state.Asked, asked => asked.Cause.CauseId == cause.CauseId);

    private static string EndedBy(Cause cause, TubeStanding standing)
    {
        var source = $"tube:{standing.TubeId}";
        if (standing.Withdrawn)
            return $"{source} sample withdrawn";
        return cause.Source != source || standing.Cause == StandingCause.None
            ? $"{source} result {standing.Sequence}"
            : "tests before its result";
    }

    /// <summary>
    /// Keeps tests and causes within their bounds. When a dropped test made or ended an ended cause, drop that cause
    /// too: without the test, nothing could bring it back correctly.
    /// </summary>
    private static void Bound(ResidentState next, List<TestRecord> tests, Guid[]?[] ends)
    {
        if (tests.Count > ResidentState.MaxTests)
        {
            // Drop the oldest test with a result; samples that wait for one go last.
            var at = Math.Max(0, tests.FindIndex(test => test.Withdrawn || test.Result is not null));
            var gone = tests[at].Tube;
            tests.RemoveAt(at);
            next.Asked =
            [
                .. next.Asked.Where((asked, i) => ends[i] is not { } by || (asked.Tube != gone && !by.Contains(gone))),
            ];
        }
        // Drop an ended cause first, then the mildest and oldest, so that the colour stays.
        if (next.Asked.Length > ResidentState.MaxAsked)
        {
            var kept = next
                .Asked.OrderByDescending(asked =>
                    Array.Exists(next.Causes, cause => cause.CauseId == asked.Cause.CauseId)
                )
                .ThenByDescending(asked => asked.Cause.Colour)
                .ThenByDescending(asked => asked.Cause.Since)
                .Take(ResidentState.MaxAsked)
                .ToArray();
            next.Causes = Array.FindAll(next.Causes, cause =>
                !IsOfTube(next, cause) || Array.Exists(kept, asked => asked.Cause.CauseId == cause.CauseId)
            );
            next.Asked = kept;
        }
        next.Tests = [.. tests];
    }
}
