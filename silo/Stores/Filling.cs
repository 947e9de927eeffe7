namespace Grid.Silo.Stores;

/// <summary>Marks a store that an import has started to fill and not finished.</summary>
internal static class Filling
{
    /// <summary>The name of the marker: a file in the folder, a table in the database.</summary>
    internal const string Name = "grid_filling";

    /// <summary>The error for opening such a store.</summary>
    internal static StoreException Unfinished(string place) =>
        new(
            StoreErrorCodes.Invalid,
            $"An import into {place} was broken off: it is not whole. Delete it and import again."
        );
}
