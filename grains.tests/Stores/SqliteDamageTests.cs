using System.Runtime.Versioning;
using Grid.Silo.Stores.Sqlite;

namespace Grid.Tests.Stores;

/// <summary>A resident with an unreadable row must never look unregistered.</summary>
public sealed class SqliteDamageTests : IDisposable
{
    private const int Rows = 2_000;

    private readonly SqliteHouse _house = new();

    public SqliteDamageTests() => _house.Options.Sqlite.Files = 1;

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public async Task A_damaged_page_is_reported_and_its_residents_are_not_registered_anew(byte filling)
    {
        await Fill();
        _house.Options.Sqlite.MaxCheckBytes = 0;
        var page = new byte[_house.Options.Sqlite.PageBytes];
        Array.Fill(page, filling);
        Overwrite(page, at: FilePages / 2 * page.Length);
        _house.Open();
        Assert.True(_house.Health.Serves);
        var damaged = 0;
        for (var number = 0; number < Rows; number++)
        {
            var grain = StoreHouse.InPartition(number % 1_024, number);
            try
            {
                Assert.Equal($"{number}", (await _house.Read(grain)).State!.Text);
            }
            catch (StoreException exception)
            {
                damaged++;
                Assert.Equal(StoreErrorCodes.Damaged, exception.Code);
                Assert.DoesNotContain(grain.Key.ToString()!, exception.ToString(), StringComparison.OrdinalIgnoreCase);
                await Assert.ThrowsAnyAsync<Exception>(() => _house.Write(grain, StoreHouse.New("anew")));
            }
        }

        Assert.InRange(damaged, 1, Rows / 2);
        Assert.False(_house.Health.Serves);
        Assert.Contains("grid-00.db: damaged", _house.Health.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_on_a_damaged_file_is_refused_and_changes_nothing()
    {
        await Fill();
        Overwrite(
            new byte[_house.Options.Sqlite.PageBytes / 2],
            at: (FilePages / 2 * _house.Options.Sqlite.PageBytes) + (_house.Options.Sqlite.PageBytes / 2)
        );
        var before = File.ReadAllBytes(_house.FilePath());
        var exception = Assert.Throws<StoreException>(() => _house.Another());
        Assert.Equal(StoreErrorCodes.Damaged, exception.Code);
        Assert.Contains("restore the folder from a backup", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_house.FilePath()));
    }

    [Fact]
    public async Task An_unreadable_state_is_named_by_kind_and_partition_and_no_write_replaces_it()
    {
        _house.Open();
        var grain = StoreHouse.InPartition(77, 1);
        await _house.Write(grain, StoreHouse.New("kept"));
        Change("UPDATE \"state:note:note\" SET state = x'0107070707070707'");
        var exception = await Assert.ThrowsAsync<StoreException>(() => _house.Read(grain));
        Assert.Equal(StoreErrorCodes.Damaged, exception.Code);
        Assert.Contains("note state 'note' in partition 77", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(grain.Key.ToString()!, exception.ToString(), StringComparison.OrdinalIgnoreCase);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _house.Write(grain, StoreHouse.New("anew")));
        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            _house.States.ClearStateAsync("note", grain, StoreHouse.New(""))
        );
        using var file = new SqliteDatabase(_house.FilePath(), readOnly: true, StoreHouse.Patience);
        Assert.Equal(
            1,
            file.Scalar("SELECT count(*) FROM \"state:note:note\" WHERE version = 1 AND state = x'0107070707070707'")
        );
    }

    [Theory]
    [InlineData("zeroblob(16)")]
    [InlineData("NULL || ''")]
    [InlineData("x'00'")]
    [InlineData("'a text'")]
    public async Task A_row_with_a_damaged_key_is_not_skipped(string id)
    {
        _house.Open();
        var grain = StoreHouse.InPartition(77, 1);
        await _house.Write(grain, StoreHouse.New("kept"));
        Change($"UPDATE \"state:note:note\" SET id = coalesce({id}, '')");
        Assert.Equal(
            StoreErrorCodes.Damaged,
            (await Assert.ThrowsAsync<StoreException>(() => _house.Read(grain))).Code
        );
        Assert.Equal(
            StoreErrorCodes.Damaged,
            (await Assert.ThrowsAsync<StoreException>(() => _house.Write(grain, StoreHouse.New("anew")))).Code
        );
        Assert.False(_house.Health.Serves);
    }

    [Fact]
    public async Task Only_the_owner_may_read_the_folder_and_its_files()
    {
        if (OperatingSystem.IsWindows())
            return;
        _house.Open();
        await _house.Write(StoreHouse.Fresh(), StoreHouse.New("private"));
        ArePrivate();
        // The permissions of version 0.1.
        foreach (var file in Directory.GetFiles(_house.Options.Sqlite.Folder, "*.db*"))
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherRead | UnixFileMode.GroupRead);
        File.SetUnixFileMode(
            _house.Options.Sqlite.Folder,
            File.GetUnixFileMode(_house.Options.Sqlite.Folder) | UnixFileMode.OtherRead
        );
        _house.Open();
        await _house.Write(StoreHouse.Fresh(), StoreHouse.New("private"));
        ArePrivate();
    }

    public void Dispose() => _house.Dispose();

    private int FilePages => (int)(new FileInfo(_house.FilePath()).Length / _house.Options.Sqlite.PageBytes);

    private async Task Fill()
    {
        _house.Open();
        await Task.WhenAll(
            Enumerable
                .Range(0, Rows)
                .Select(number =>
                    _house.Write(StoreHouse.InPartition(number % 1_024, number), StoreHouse.New($"{number}"))
                )
        );
        _house.Close();
    }

    private void Overwrite(byte[] bytes, long at)
    {
        using var file = File.OpenHandle(_house.FilePath(), FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, bytes, at);
    }

    private void Change(string sql)
    {
        using var file = new SqliteDatabase(_house.FilePath(), readOnly: false, StoreHouse.Patience);
        file.Execute(sql);
    }

    [UnsupportedOSPlatform("windows")]
    private void ArePrivate()
    {
        const UnixFileMode Others = (UnixFileMode)0b000_111_111;
        var paths = Directory
            .GetFileSystemEntries(_house.Options.Sqlite.Folder)
            .Append(_house.Options.Sqlite.Folder)
            .ToArray();
        Assert.True(paths.Length > 4, "the store made too few files");
        foreach (var path in paths)
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others);
    }
}
