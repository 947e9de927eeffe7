namespace Grid.Silo.Stores;

/// <summary>What is told of a store that an import has begun to fill and has not ended.</summary>
internal static class Filling
{
    /// <summary>The name of the note: a file of the folder, a table of the database.</summary>
    internal const string Name = "grid_filling";

    /// <summary>What whoever opens it is told.</summary>
    internal static StoreException Unfinished(string place) =>
        new(
            StoreErrorCodes.Invalid,
            $"An import into {place} was broken off: it is not whole. Delete it and import again."
        );
}
