namespace Grid;

/// <summary>Stable codes of <see cref="StoreException"/>.</summary>
public static class StoreFaults
{
    /// <summary>Too much waits to be written. Nothing was written; try again later.</summary>
    public const string Overloaded = "store-overloaded";

    /// <summary>
    /// The store does not answer, or failed while it wrote. The outcome is unknown: the write may still become durable.
    /// Every command can be repeated under its id.
    /// </summary>
    public const string Unavailable = "store-unavailable";

    /// <summary>No room on the disk. Nothing was written.</summary>
    public const string Full = "store-full";

    /// <summary>Another process writes this file.</summary>
    public const string InUse = "store-in-use";

    /// <summary>The data folder or the database was made by a newer version.</summary>
    public const string SchemaNewer = "store-schema-newer";

    /// <summary>The data folder or the database was made by 0.1. A new store has to begin.</summary>
    public const string SchemaOlder = "store-schema-older";

    /// <summary>The data folder or the database can't be read as one, or does not fit the settings.</summary>
    public const string Invalid = "store-invalid";

    /// <summary>A stored record can't be read as what it should be.</summary>
    public const string Damaged = "store-damaged";
}

/// <summary>The store could not do what it was asked.</summary>
/// <param name="code">One of <see cref="StoreFaults"/>.</param>
/// <param name="message">For the operator.</param>
/// <param name="cause">What lies under it.</param>
public sealed class StoreException(string code, string message, Exception? cause = null) : OrleansException(message, cause!)
{
    /// <summary>One of <see cref="StoreFaults"/>.</summary>
    public string Code { get; } = code;
}
