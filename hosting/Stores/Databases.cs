namespace Grid.Hosting.Stores;

/// <summary>
/// The configured PostgreSQL databases. Setting <c>Grid:Postgres</c>: one connection string or a list.
/// </summary>
public static class Databases
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Grid:Postgres";

    /// <summary>The connection strings; none when the data folder is the store.</summary>
    public static string[] Of(IConfiguration configuration)
    {
        var databases = configuration.GetSection(Section);
        return databases.Value is { Length: > 0 } single
            ? [single]
            : [.. databases.GetChildren().Select(static child => child.Value ?? "")];
    }
}
