namespace Grid.Silo.Schemas;

/// <summary>
/// A schema that the process needs besides the store's own. <c>migrate</c> applies all schemas; a silo only checks
/// them.
/// </summary>
public interface ISchema
{
    /// <summary>Upgrades the schema; does nothing if it is current.</summary>
    Task MigrateAsync(CancellationToken cancellation);
}
