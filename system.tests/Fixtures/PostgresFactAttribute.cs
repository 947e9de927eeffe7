namespace Grid.Tests.Fixtures;

/// <summary>A test on a real PostgreSQL server. Skipped with a reason where its programs are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    internal const string Reason =
        $"No PostgreSQL 15: install Debian's package postgresql-15 or set {PostgresServer.Variable}.";

    public PostgresFactAttribute()
    {
        if (PostgresServer.Binaries is null)
            Skip = Reason;
    }
}

/// <summary>A class of store tests on PostgreSQL. Skipped with a reason where its programs are missing.</summary>
public sealed class NeedsPostgresAttribute : StoreNeedAttribute
{
    public override string? Missing => PostgresServer.Binaries is null ? PostgresFactAttribute.Reason : null;
}
