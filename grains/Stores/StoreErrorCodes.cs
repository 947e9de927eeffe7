namespace Grid;

/// <summary>Stable codes of <see cref="StoreException"/>.</summary>
public static class StoreErrorCodes
{
    /// <summary>The write queue is full. The store wrote nothing; try again later.</summary>
    public const string Overloaded = "store-overloaded";

    /// <summary>
    /// The store does not answer, or failed during the write. The outcome is unknown, since the write may still become
    /// durable: repeat the command under its id.
    /// </summary>
    public const string Unavailable = "store-unavailable";

    /// <summary>The disk is full. The store wrote nothing.</summary>
    public const string Full = "store-full";

    /// <summary>Another process writes this file.</summary>
    public const string InUse = "store-in-use";

    /// <summary>A newer version made the data folder or the database.</summary>
    public const string SchemaNewer = "store-schema-newer";

    /// <summary>Version 0.1 made the data folder or the database. Start with a new store.</summary>
    public const string SchemaOlder = "store-schema-older";

    /// <summary>The data folder or the database is unreadable, or does not match the settings.</summary>
    public const string Invalid = "store-invalid";

    /// <summary>A stored record can't be decoded as its type.</summary>
    public const string Damaged = "store-damaged";
}
