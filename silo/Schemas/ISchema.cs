namespace Grid.Silo.Schemas;

/// <summary>
/// A schema beside the store's own that the process needs. <c>migrate</c> applies all of them; a silo only checks.
/// </summary>
public interface ISchema
{
    /// <summary>Brings it up to date; does nothing when it is.</summary>
    Task MigrateAsync(CancellationToken cancellation);
}
