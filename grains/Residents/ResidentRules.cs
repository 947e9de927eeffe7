using Grid.Codes;
using Grid.Sampling;
using Grid.Vaccination;

namespace Grid.Residents;

/// <summary>How events change what is known of a resident. Pure: a state and an event give the next state.</summary>
public static class ResidentRules
{
    /// <summary>The state after a tube's standing, or null when it says nothing new.</summary>
    public static ResidentState? Apply(ResidentState state, Guid resident, TubeStanding standing, DateTimeOffset now)
    {
        var tube = StableId.Of(standing.TubeId);
        var at = Array.FindIndex(state.Tests, test => test.Tube == tube);
        if (at >= 0 && state.Tests[at].Revision >= standing.Revision)
            return null;
        var next = state.Next();
        next.Tests = PutTest(state.Tests, at, ToRecord(tube, standing));
        PutCause(next, resident, standing, now);
        return next;
    }

    /// <summary>The state after a dose, or null when it is there already.</summary>
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
        next.Doses = [.. doses.Skip(doses.Count - ResidentState.DosesMax)];
        return next;
    }

    private static TestRecord ToRecord(Guid tube, TubeStanding standing) => new(
        tube,
        standing.Revision,
        standing.CollectedAt.ToUnixTimeMilliseconds(),
        standing.Result is null ? 0 : standing.TestedAt.ToUnixTimeMilliseconds(),
        standing.Result,
        standing.Withdrawn);

    private static TestRecord[] PutTest(TestRecord[] tests, int at, TestRecord record)
    {
        var list = new List<TestRecord>(tests);
        if (at >= 0)
            list.RemoveAt(at);
        list.Add(record);
        list.Sort((a, b) => (a.CollectedUnixMs, a.Tube).CompareTo((b.CollectedUnixMs, b.Tube)));
        if (list.Count > ResidentState.TestsMax)
        {
            // What still waits for a result is the last to go.
            var oldest = list.FindIndex(test => test.Withdrawn || test.Result is not null);
            list.RemoveAt(Math.Max(0, oldest));
        }
        return [.. list];
    }

    /// <summary>Replaces the cause that this tube made, if any, by the one that it asks for now, and no other.</summary>
    private static void PutCause(ResidentState next, Guid resident, TubeStanding standing, DateTimeOffset now)
    {
        var source = $"tube:{standing.TubeId}";
        var wanted = standing.Withdrawn ? null : ToCause(resident, source, standing);
        var held = Array.Find(next.Causes, cause => cause.Source == source);
        if (held?.CauseId == wanted?.CauseId)
            return;
        if (held is not null)
        {
            next.Causes = Array.FindAll(next.Causes, cause => cause != held);
            next.Ended = [.. next.Ended.TakeLast(ResidentState.EndedMax - 1), new EndedCause(held, now, EndedBy(standing))];
        }
        if (wanted is not null)
            next.Causes = [.. next.Causes.Append(wanted).OrderBy(cause => cause.Since).ThenBy(cause => cause.CauseId)];
    }

    private static string EndedBy(TubeStanding standing) => standing.Withdrawn
        ? $"tube:{standing.TubeId} sample withdrawn"
        : $"tube:{standing.TubeId} result {standing.Sequence}";

    private static Cause? ToCause(Guid resident, string source, TubeStanding standing)
    {
        var (kind, colour) = standing.Cause switch
        {
            StandingCause.Hold => (CauseKind.PoolHold, CodeColour.Yellow),
            StandingCause.Positive => (CauseKind.Positive, CodeColour.Red),
            _ => (default, CodeColour.Grey),
        };
        return kind == default
            ? null
            : new Cause(
                StableId.Of($"{resident:N}|{source}|{kind}"), kind, colour, source, CodeRules.Version, standing.CauseSince, null);
    }
}
