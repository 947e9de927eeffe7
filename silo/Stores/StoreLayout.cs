namespace Grid.Silo.Stores;

/// <summary>Errors for a store that another version wrote.</summary>
internal static class StoreLayout
{
    /// <summary>The store has the layout of a newer version.</summary>
    internal static StoreException Newer(string place, long found, long known) =>
        new(
            StoreErrorCodes.SchemaNewer,
            $"{place} has layout {found}; this version reads {known}. Run the version that wrote it, or a newer one."
        );

    /// <summary>The store has the schema of a newer version.</summary>
    internal static StoreException NewerSchema(string place, long found, long known) =>
        new(
            StoreErrorCodes.SchemaNewer,
            $"{place} has schema {found}; this version knows {known} and older ones. "
                + "Run the version that wrote it, or a newer one."
        );

    /// <summary>Version 0.1 wrote the store; later versions can't read its states.</summary>
    internal static StoreException Older(string place) =>
        new(
            StoreErrorCodes.SchemaOlder,
            $"{place} is a store of Grid 0.1, which this version does not read; nothing of it was changed. "
                + "Name an empty folder (Grid:Data) or an empty database (Grid:Postgres), or run 0.1 on it."
        );
}
