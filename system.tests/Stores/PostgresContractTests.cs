using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

/// <inheritdoc cref="GrainStorageTests"/>
[Collection(PostgresCollection.Name), NeedsPostgres]
public sealed class PostgresGrainStorageTests(PostgresServer server) : GrainStorageTests(new PostgresHouse(server));

/// <inheritdoc cref="GroupCommitTests"/>
[Collection(PostgresCollection.Name), NeedsPostgres]
public sealed class PostgresGroupCommitTests(PostgresServer server) : GroupCommitTests(new PostgresHouse(server));

/// <inheritdoc cref="PartitionLoaderTests"/>
[Collection(PostgresCollection.Name), NeedsPostgres]
public sealed class PostgresPartitionLoaderTests(PostgresServer server)
    : PartitionLoaderTests(new PostgresHouse(server));

/// <inheritdoc cref="VisitLogTests"/>
[Collection(PostgresCollection.Name), NeedsPostgres]
public sealed class PostgresVisitLogTests(PostgresServer server) : VisitLogTests(new PostgresHouse(server));
