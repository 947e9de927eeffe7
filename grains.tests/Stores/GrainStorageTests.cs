using Grid.Tests.Fixtures;

namespace Grid.Tests.Stores;

public abstract class GrainStorageTests : IDisposable
{
    private readonly StoreHouse _house;

    private protected GrainStorageTests(StoreHouse house) => _house = house.Open();

    [StoreFact]
    public async Task Nothing_is_read_before_the_first_write()
    {
        var state = StoreHouse.New("kept");
        await _house.States.ReadStateAsync("note", StoreHouse.Fresh(), state);
        Assert.Equal(("kept", null, false), (state.State!.Text, state.ETag, state.RecordExists));
    }

    [StoreTheory]
    [InlineData("tube-7")]
    [InlineData("管/7:\"'")]
    [InlineData("00112233445566778899aabbccddeeff")]
    [InlineData("00112233445566778899AABBCCDDEEFF")]
    public async Task A_written_state_is_read_back_also_after_reopening(string key)
    {
        var grain = GrainId.Create("note", key);
        var state = StoreHouse.New("one");
        await _house.Write(grain, state);
        Assert.Equal(("1", true), (state.ETag, state.RecordExists));
        state.State = new Note { Text = "two" };
        await _house.Write(grain, state);

        Assert.Equal(("two", "2"), Told(await _house.Read(grain)));
        _house.Open();
        var read = await _house.Read(grain);
        Assert.Equal(("two", "2"), Told(read));
        Assert.True(read.RecordExists);
    }

    [StoreFact]
    public async Task Keys_are_case_sensitive()
    {
        var lower = GrainId.Create("note", "00112233445566778899aabbccddeeff");
        var upper = GrainId.Create("note", "00112233445566778899AABBCCDDEEFF");
        await _house.Write(lower, StoreHouse.New("lower"));
        await _house.Write(upper, StoreHouse.New("upper"));
        Assert.Equal("lower", (await _house.Read(lower)).State!.Text);
        Assert.Equal("upper", (await _house.Read(upper)).State!.Text);
    }

    [StoreFact]
    public async Task A_write_over_another_version_is_refused_with_both_versions_and_changes_nothing()
    {
        var grain = StoreHouse.Fresh();
        var first = StoreHouse.New("first");
        await _house.Write(grain, first);
        var second = await _house.Read(grain);
        second.State!.Text = "second";
        await _house.Write(grain, second);

        first.State!.Text = "late";
        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => _house.Write(grain, first));
        Assert.Equal(("2", "1"), (refused.StoredEtag, refused.CurrentEtag));
        Assert.Equal("1", first.ETag);
        Assert.Equal(("second", "2"), Told(await _house.Read(grain)));
    }

    [StoreFact]
    public async Task A_first_write_over_an_existing_record_is_refused()
    {
        var grain = StoreHouse.Fresh();
        await _house.Write(grain, StoreHouse.New("first"));
        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() =>
            _house.Write(grain, StoreHouse.New("too late"))
        );
        Assert.Equal(("1", null), (refused.StoredEtag, refused.CurrentEtag));
        Assert.Equal(("first", "1"), Told(await _house.Read(grain)));
    }

    [StoreFact]
    public async Task A_write_over_an_unknown_version_is_refused()
    {
        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() =>
            _house.Write(StoreHouse.Fresh(), new GrainState<Note>(new Note(), "7"))
        );
        Assert.Equal((null, "7"), (refused.StoredEtag, refused.CurrentEtag));
    }

    [StoreFact]
    public async Task A_cleared_record_is_gone_and_its_old_version_cannot_be_overwritten()
    {
        var grain = StoreHouse.Fresh();
        var state = StoreHouse.New("one");
        await _house.Write(grain, state);
        var stale = await _house.Read(grain);
        await _house.States.ClearStateAsync("note", grain, state);
        Assert.Equal((null, false), (state.ETag, state.RecordExists));
        Assert.Null((await _house.Read(grain)).ETag);

        await Assert.ThrowsAsync<InconsistentStateException>(() => _house.Write(grain, stale));
        await _house.Write(grain, StoreHouse.New("again"));
        // Versions continue, so that version "1" can't match the former record.
        Assert.Equal(("again", "3"), Told(await _house.Read(grain)));
    }

    [StoreFact]
    public async Task Clearing_a_missing_record_does_nothing_and_clearing_without_a_version_is_refused()
    {
        var grain = StoreHouse.Fresh();
        await _house.States.ClearStateAsync("note", grain, new GrainState<Note>());
        Assert.Null((await _house.Read(grain)).ETag);
        await _house.Write(grain, StoreHouse.New("one"));
        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            _house.States.ClearStateAsync("note", grain, new GrainState<Note>())
        );
        Assert.Equal("one", (await _house.Read(grain)).State!.Text);
    }

    [StoreFact]
    public async Task Grain_types_and_state_names_separate_records()
    {
        var (note, other) = (GrainId.Create("note", "k"), GrainId.Create("other", "k"));
        await _house.Write(note, StoreHouse.New("note"));
        await _house.Write(other, StoreHouse.New("other"));
        await _house.States.WriteStateAsync("second", note, StoreHouse.New("second"));
        Assert.Equal("note", (await _house.Read(note)).State!.Text);
        Assert.Equal("other", (await _house.Read(other)).State!.Text);
        var second = new GrainState<Note>();
        await _house.States.ReadStateAsync("second", note, second);
        Assert.Equal("second", second.State!.Text);
    }

    [StoreFact]
    public async Task A_state_larger_than_many_pages_is_read_back()
    {
        var grain = StoreHouse.Fresh();
        var weight = new byte[300_000];
        new Random(7).NextBytes(weight);
        await _house.Write(grain, new GrainState<Note>(new Note { Weight = weight }));
        Assert.Equal(weight, (await _house.Read(grain)).State!.Weight);
    }

    [StoreFact]
    public async Task Pending_work_is_listed_until_it_is_done()
    {
        var (left, done, never) = (StoreHouse.Fresh(), GrainId.Create("note", "text key"), StoreHouse.Fresh());
        var finished = StoreHouse.New("done", left: true);
        await _house.Write(left, StoreHouse.New("left", left: true));
        await _house.Write(done, finished);
        await _house.Write(never, StoreHouse.New("never"));
        Assert.Equal(new HashSet<GrainId> { left, done }, await Pending());

        finished.State!.Left = false;
        await _house.Write(done, finished);
        _house.Open();
        Assert.Equal([left], await Pending());
    }

    public void Dispose()
    {
        _house.Dispose();
        GC.SuppressFinalize(this);
    }

    private static (string, string?) Told(GrainState<Note> state) => (state.State!.Text, state.ETag);

    private async Task<HashSet<GrainId>> Pending()
    {
        var found = new HashSet<GrainId>();
        await foreach (var grain in _house.States.PendingAsync())
            found.Add(grain);
        return found;
    }
}

/// <inheritdoc cref="GrainStorageTests"/>
public sealed class SqliteGrainStorageTests() : GrainStorageTests(new SqliteHouse());
