using Grid.Residents;

namespace Grid.Silo.Stores;

/// <summary>
/// The table names, equal in every kind of store: one table per kind of state, and one per day of visits.
/// </summary>
internal static class TableNames
{
    internal const string StatePrefix = "state:";
    internal const string DayPrefix = "visits_";

    /// <summary>The table of the residents.</summary>
    internal static readonly string Residents = OfState(ResidentGrain.TypeName, ResidentGrain.StateName);

    /// <summary>The table of a kind of state.</summary>
    internal static string OfState(string grainType, string stateName)
    {
        if (grainType.AsSpan().IndexOfAny(':', '"') >= 0 || stateName.AsSpan().IndexOfAny(':', '"') >= 0)
            throw new ArgumentException(
                $"'{grainType}' or '{stateName}' can't name a table: it has a colon or a quote."
            );
        return $"{StatePrefix}{grainType}:{stateName}";
    }

    /// <summary>Whether a table holds states.</summary>
    internal static bool IsOfState(string table) => table.StartsWith(StatePrefix, StringComparison.Ordinal);

    /// <summary>The name of the state in the name of a table.</summary>
    internal static string StateOf(string table) => table[(table.LastIndexOf(':') + 1)..];

    /// <summary>The grain type in the name of a table.</summary>
    internal static string GrainTypeOf(string table) => table[StatePrefix.Length..table.LastIndexOf(':')];

    /// <summary>The table of a day of visits.</summary>
    internal static string OfDay(int day) => $"{DayPrefix}{day}";

    /// <summary>The day in a table's name; null if it is not a table of visits.</summary>
    internal static int? DayOf(string table) =>
        table.StartsWith(DayPrefix, StringComparison.Ordinal)
        && int.TryParse(table.AsSpan(DayPrefix.Length), out var day)
            ? day
            : null;
}
