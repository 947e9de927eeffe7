namespace Grid.Silo.Stores;

/// <summary>What is said of a store that another version made.</summary>
internal static class StoreLayout
{
    /// <summary>A newer version changed how the store is cut.</summary>
    internal static StoreException Newer(string place, long found, long known) =>
        new(
            StoreErrorCodes.SchemaNewer,
            $"{place} has layout {found}; this version reads {known}. Run the version that wrote it, or a newer one."
        );

    /// <summary>A newer version added to the schema.</summary>
    internal static StoreException NewerSchema(string place, long found, long known) =>
        new(
            StoreErrorCodes.SchemaNewer,
            $"{place} has schema {found}; this version knows {known} and older ones. Run the version that wrote it, or a newer one."
        );

    /// <summary>0.1 made it, whose states no later version reads.</summary>
    internal static StoreException Older(string place) =>
        new(
            StoreErrorCodes.SchemaOlder,
            $"{place} is a store of Grid 0.1, which this version does not read; nothing of it was changed. "
                + "Name an empty folder (Grid:Data) or an empty database (Grid:Postgres), or run 0.1 on it."
        );
}
