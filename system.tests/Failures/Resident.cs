using System.Globalization;
using System.Text.Json;

namespace Grid.Tests.Failures;

/// <summary>
/// A resident and the ledger of what was acknowledged. Samples follow each other in rounds, each with a later
/// collection time, so that a display tells how many facts it contains: "sample n waits" is 2n − 1, "result n is
/// there" is 2n.
/// </summary>
internal sealed class Resident(int number, DateTimeOffset firstSampleAt)
{
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly List<Fact> _facts = [];
    private int _floor;
    private int _positiveRound = int.MaxValue;
    private volatile bool _isPositiveDue;

    internal int Number => number;

    internal string Id { get; set; } = "";

    /// <summary>The token of the resident's phone.</summary>
    internal string Token { get; set; } = "";

    internal string IdNumber { get; } =
        Grid.Residents.IdNumber.Create(610113, new DateOnly(1970, 1, 1).AddDays(number / 1000), number % 1000).Reveal();

    /// <summary>
    /// The number of facts that every display sent from now on must show: all that were acknowledged or seen.
    /// </summary>
    internal int Floor
    {
        get
        {
            lock (_lock)
                return _floor;
        }
    }

    /// <summary>Completed rounds.</summary>
    internal int Rounds { get; private set; }

    /// <summary>Acknowledged scans and results, with their answers.</summary>
    internal Fact[] Facts
    {
        get
        {
            lock (_lock)
                return [.. _facts];
        }
    }

    /// <summary>Makes the next round's result positive: from its answer on the colour is red.</summary>
    internal void TurnPositive() => _isPositiveDue = true;

    /// <summary>Decides a round's result, once.</summary>
    internal bool IsPositive(int round)
    {
        lock (_lock)
        {
            if (_isPositiveDue && _positiveRound == int.MaxValue)
                _positiveRound = round;
            return round == _positiveRound;
        }
    }

    internal DateTimeOffset SampledAt(int round) => firstSampleAt + (round * BetweenSamples);

    /// <summary>Records the number of facts that a display showed, or that were acknowledged.</summary>
    internal void Raise(int facts)
    {
        lock (_lock)
            _floor = Math.Max(_floor, facts);
    }

    internal void Add(Fact fact)
    {
        lock (_lock)
            _facts.Add(fact);
    }

    internal void EndRound(int round) => Rounds = round;

    /// <summary>The number of facts that a display shows.</summary>
    /// <param name="display">The body.</param>
    /// <param name="isColourRight">Whether its colour follows from these facts.</param>
    internal int FactsIn(string display, out bool isColourRight)
    {
        using var json = JsonDocument.Parse(display);
        var test = json.RootElement.GetProperty("test");
        var isWaiting = test.GetProperty("state").GetString() is "sampled" or "overdue";
        var resulted =
            test.GetProperty("result").ValueKind == JsonValueKind.Null
                ? 0
                : RoundOf(test.GetProperty("collectedAt").GetString()!);
        lock (_lock)
            isColourRight =
                json.RootElement.GetProperty("colour").GetString() == (resulted >= _positiveRound ? "red" : "green");
        return (2 * resulted) + (isWaiting ? 1 : 0);
    }

    private int RoundOf(string collectedAt) =>
        (int)
            Math.Round(
                (DateTimeOffset.Parse(collectedAt, CultureInfo.InvariantCulture) - firstSampleAt) / BetweenSamples
            );
}

/// <summary>
/// An acknowledged command, how to repeat it, and the part of its answer that every repeat must return.
/// </summary>
internal sealed record Fact(string Path, Func<Task<string>> AskAgainAsync, string Answer);
