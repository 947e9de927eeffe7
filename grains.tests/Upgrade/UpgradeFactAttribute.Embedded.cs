using Grid.Tests.Fixtures;

namespace Grid.Tests.Upgrade;

/// <summary>
/// A test with two releases: only in a full campaign (<c>GRID_CAMPAIGN=full</c>), because it builds the one before. Without what it
/// needs it is skipped, and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UpgradeFactAttribute : FactAttribute
{
    /// <param name="onPostgres">Whether it needs a PostgreSQL server too.</param>
    public UpgradeFactAttribute(bool onPostgres = false) => Skip =
        Environment.GetEnvironmentVariable("GRID_CAMPAIGN") != "full" ? "It builds the release before this one: set GRID_CAMPAIGN=full."
        : onPostgres && PostgresServer.Binaries is null ? PostgresFactAttribute.Reason
        : FormerRelease.Missing;
}
