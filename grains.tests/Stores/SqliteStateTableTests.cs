using Grid.Silo.Stores;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Tests.Stores;

public sealed class SqliteStateTableTests
{
    [Fact]
    public void Keys_with_equal_hashes_use_adjacent_rows()
    {
        using var house = new SqliteHouse();
        house.Open();
        // Texts with equal StableHash are hard to find, so the test passes the hash directly.
        using var writer = SqliteWriter.Open(
            Path.Combine(house.Options.Sqlite.Folder, "probe.db"),
            0,
            house.Options,
            new SqliteManifest(SqliteManifest.LayoutNow, 1, 2_048),
            SqliteSchema.Current,
            isNew: true
        );
        var table = TableNames.OfState("note", "note");
        writer.Begin();
        var states = writer.States(table, hasPending: false);
        var a = StateKey.Of(GrainId.Create("note", "a"));
        var b = StateKey.Beside(a, "b");
        Assert.Equal(new StateOutcome(true, 1), states.Write(a, 0, false, [1], clear: false));
        Assert.Equal(new StateOutcome(true, 1), states.Write(b, 0, false, [2], clear: false));
        Assert.Equal(new StateOutcome(true, 2), states.Write(b, 1, false, [3], clear: false));
        Assert.Equal(new StateOutcome(false, 2), states.Write(b, 1, false, [4], clear: false));
        Assert.Equal(new StateOutcome(true, 2), states.Write(a, 1, false, [], clear: true));
        Assert.Equal(new StateOutcome(false, 2), states.Write(b, 0, false, [5], clear: false));
        Assert.Equal(new StateOutcome(true, 3), states.Write(a, 0, false, [6], clear: false));
        writer.Commit();
    }
}
