using Grid.Bench.Load.Capacity.History;
using Grid.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace Grid.Tests.Bench;

public sealed class VisitRowsTests
{
    [Fact]
    public void Rows_that_are_missing_or_there_twice_are_counted()
    {
        using var folder = new TemporaryFolder();
        var (there, twice, missing) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        string[] venues = ["load-1"];
        Guid Key(Guid id) => VisitRows.KeyOf(Scan(id).Asked, venues);
        Write(Path.Combine(folder.Path, "grid-00.db"), "visits_20261121", Key(there), Key(twice));
        Write(Path.Combine(folder.Path, "grid-01.db"), "visits_20261122", Key(twice));

        var verdict = VisitRows.Check(folder.Path, [Scan(there), Scan(twice), Scan(missing)], venues);

        Assert.Equal(new RowVerdict(Rows: 3, Missing: 1, Doubled: 1), verdict);
        Assert.False(new HistoryVerdict { Rows = verdict }.IsIntact);
    }

    [Fact]
    public void The_time_of_a_scan_id_stays_in_front_of_its_key_and_venues_have_keys_of_their_own()
    {
        var id = Guid.CreateVersion7();
        string[] venues = ["load-1", "load-2"];
        var (one, two) = (VisitRows.KeyOf(new AskedScan(id, [], 0), venues), VisitRows.KeyOf(new AskedScan(id, [], 1), venues));

        Assert.NotEqual(one, two);
        Assert.Equal((7, id.ToString()[..13]), (one.Version, one.ToString()[..13]));
        Assert.Equal(8, VisitRows.KeyOf(new AskedScan(Guid.NewGuid(), [], 0), venues).Version);
    }

    private static AnsweredScan Scan(Guid id) => new(new AskedScan(id, [], 0), 0);

    private static void Write(string file, string table, params Guid[] ids)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE TABLE {table} (scan PRIMARY KEY NOT NULL, at INTEGER) WITHOUT ROWID; CREATE TABLE other (scan BLOB);";
        command.ExecuteNonQuery();
        foreach (var id in ids)
        {
            command.CommandText = $"INSERT INTO {table} VALUES ($id, 1)";
            command.Parameters.Clear();
            command.Parameters.AddWithValue("$id", id.ToByteArray(bigEndian: true));
            command.ExecuteNonQuery();
        }
    }
}
