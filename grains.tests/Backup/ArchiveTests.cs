using Grid.Silo.Backup;
using Grid.Silo.Stores;
using Grid.Tests.Fixtures;
using Grid.Tests.Stores;

namespace Grid.Tests.Backup;

public sealed class ArchiveTests : IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new(GridFixture.Start);
    private readonly SqliteHouse _house = new();
    private int _restored;

    public ArchiveTests()
    {
        _house.Time = _clock;
        _house.Options.Archive = Archive;
        _house.Options.CheckpointPages = 16;
    }

    private string Archive => Path.Combine(_folder.Path, "archive");

    private string Data => Path.GetDirectoryName(_house.Options.Folder)!;

    [Fact]
    public async Task Every_moment_after_the_backup_can_be_restored_across_restarts_and_checkpoints()
    {
        var grains = Enumerable.Range(0, 8).Select(static number => StoreHouse.InPartition(number * 128, number)).ToArray();
        _house.Open();
        var states = grains.ToDictionary(static grain => grain, static _ => StoreHouse.New("0"));
        await WriteAll(states, "0");
        var backup = Backup();
        var moments = new List<(DateTimeOffset At, string Text)>();
        for (var round = 1; round <= 12; round++)
        {
            await WriteAll(states, $"{round} {new string('x', round * 300)}");
            moments.Add((_clock.GetUtcNow(), states[grains[0]].State!.Text));
            _clock.Advance(s_step);
            if (round % 4 == 0)
                _house.Open();
        }

        _house.Close();
        foreach (var (at, text) in moments)
        {
            // The end of the step in which it was written.
            using var restored = Restore(backup, at + s_step);
            foreach (var grain in grains)
                Assert.Equal(text, (await restored.Read(grain)).State!.Text);
        }
    }

    [Fact]
    public async Task What_a_crash_left_in_the_log_alone_comes_to_the_archive_at_the_next_start()
    {
        var grain = StoreHouse.Fresh();
        _house.Open();
        var state = StoreHouse.New("before");
        await _house.Write(grain, state);
        var backup = Backup();
        state.State!.Text = "in the log alone";
        await _house.Write(grain, state);

        // As a crash leaves them: neither the archive nor the file has the write, the log has it.
        var crashed = Path.Combine(_folder.Path, "crashed", "store");
        CopyFiles(_house.Options.Folder, crashed);
        var archived = Path.Combine(_folder.Path, "archived");
        CopyFiles(Archive, archived);
        using (var again = new SqliteHouse { Time = _clock })
        {
            again.Options.Folder = crashed;
            again.Options.Archive = archived;
            again.Open();
        }

        using var restored = Restore(backup, null, archived);
        Assert.Equal("in the log alone", (await restored.Read(grain)).State!.Text);
    }

    [Fact]
    public async Task A_gap_is_never_passed_over()
    {
        var grain = StoreHouse.Fresh();
        _house.Open();
        var state = StoreHouse.New("archived");
        await _house.Write(grain, state);
        var backup = Backup();
        _clock.Advance(s_step);
        await _house.Write(grain, state);
        var before = _clock.GetUtcNow() + s_step;
        _clock.Advance(s_step * 2);

        _house.Options.Archive = null;
        _house.Open();
        await _house.Write(grain, state);
        _house.Options.Archive = Archive;
        _clock.Advance(s_step * 2);
        _house.Open();
        await _house.Write(grain, state);
        _clock.Advance(s_step * 2);
        _house.Close();

        var fault = Assert.Throws<StoreException>(() => Restore(backup, null));
        Assert.Contains("gap", fault.Message, StringComparison.Ordinal);
        using var restored = Restore(backup, before);
        Assert.Equal("2", (await restored.Read(grain)).ETag);
    }

    [Fact]
    public async Task An_archive_that_can_not_be_written_holds_nobody_up_and_is_caught_up_later()
    {
        var grain = StoreHouse.Fresh();
        _house.Open();
        var state = StoreHouse.New("first");
        await _house.Write(grain, state);
        var backup = Backup();
        _house.Close();
        // Files where the folders of a new session should be.
        var aside = Path.Combine(_folder.Path, "aside");
        Directory.Move(Archive, aside);
        File.WriteAllText(Archive, "in the way");
        _house.Open();
        state.State!.Text = "while the archive was away";
        await _house.Write(grain, state);
        _clock.Advance(s_step * 3);

        File.Delete(Archive);
        Directory.Move(aside, Archive);
        _clock.Advance(s_step * 3);
        _house.Close();
        using var restored = Restore(backup, null);
        Assert.Equal("while the archive was away", (await restored.Read(grain)).State!.Text);
    }

    [Fact]
    public async Task A_record_that_was_cut_off_is_the_end_and_one_that_was_changed_is_refused()
    {
        var grain = StoreHouse.InPartition(0, 1);
        _house.Open();
        var state = StoreHouse.New("one");
        await _house.Write(grain, state);
        var backup = Backup();
        _clock.Advance(s_step);
        await _house.Write(grain, state);
        _clock.Advance(s_step);
        _house.Close();
        var segment = Directory.GetFiles(Path.Combine(Archive, "grid-00")).Order(StringComparer.Ordinal).Last();
        var bytes = File.ReadAllBytes(segment);

        bytes[^50] ^= 1;
        File.WriteAllBytes(segment, bytes);
        Assert.Equal(StoreFaults.Damaged, Assert.Throws<StoreException>(() => Restore(backup, null)).Code);
        bytes[^50] ^= 1;
        File.WriteAllBytes(segment, bytes[..^10]);
        using var restored = Restore(backup, null);
        Assert.Equal("2", (await restored.Read(grain)).ETag);
    }

    [Fact]
    public async Task Segments_beyond_the_days_are_dropped()
    {
        _house.Options.ArchiveDays = 2;
        var grain = StoreHouse.InPartition(0, 1);
        var state = StoreHouse.New("kept");
        for (var day = 0; day < 6; day++)
        {
            _house.Open();
            await _house.Write(grain, state);
            // First, for a store that is open has timers that would ring all day.
            _house.Close();
            _clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.InRange(Directory.GetFiles(Path.Combine(Archive, "grid-00")).Length, 2, 4);
    }

    public void Dispose()
    {
        _house.Dispose();
        _folder.Dispose();
    }

    private static void CopyFiles(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private async Task WriteAll(Dictionary<GrainId, GrainState<Note>> states, string text)
    {
        foreach (var (grain, state) in states)
        {
            state.State!.Text = text;
            await _house.Write(grain, state);
        }
    }

    private string Backup()
    {
        var target = Path.Combine(_folder.Path, "backup");
        StoreBackup.Take(Data, target, _clock);
        return target;
    }

    private SqliteHouse Restore(string backup, DateTimeOffset? to, string? archive = null)
    {
        var target = Path.Combine(_folder.Path, $"restored-{_restored++}");
        StoreRestore.Run(backup, archive ?? Archive, to, target);
        var house = new SqliteHouse { Time = _clock };
        house.Options.Folder = Path.Combine(target, "store");
        return house.Open();
    }
}
