using System.Globalization;
using System.Text.Json;

namespace Grid.Tests.Failures;

/// <summary>
/// A resident and the ledger of what was acknowledged. Samples follow each other in rounds, each with a later moment of collection,
/// so that a display says how many facts are in it: sample n waits is 2n − 1, result n is there is 2n.
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

    /// <summary>What the resident's phone signs in with.</summary>
    internal string Token { get; set; } = "";

    internal string IdNumber { get; } =
        Grid.Residents.IdNumber.Create(610113, new DateOnly(1970, 1, 1).AddDays(number / 1000), number % 1000).Reveal();

    /// <summary>How many facts every display that is asked for now must show: all that were acknowledged, and all that somebody has seen.</summary>
    internal int Floor
    {
        get
        {
            lock (_lock)
                return _floor;
        }
    }

    /// <summary>Rounds told to their end.</summary>
    internal int Rounds { get; private set; }

    /// <summary>Acknowledged scans and results, with what was answered.</summary>
    internal Fact[] Facts
    {
        get
        {
            lock (_lock)
                return [.. _facts];
        }
    }

    /// <summary>The result of the next round is positive: from its answer on the colour is red.</summary>
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

    /// <summary>Notes the number of facts that a display showed, or that were acknowledged.</summary>
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

    /// <summary>How many facts a display shows.</summary>
    /// <param name="display">The body.</param>
    /// <param name="isColourRight">Whether its colour is the one that follows from these facts.</param>
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

/// <summary>An acknowledged command, how to ask again, and the part of its answer that every repeat must give.</summary>
internal sealed record Fact(string Path, Func<Task<string>> AskAgainAsync, string Answer);
