using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Grid.Engine.Cluster;
using Grid.Silo.Stores;
using Microsoft.Win32.SafeHandles;

namespace Grid.Silo.Cluster;

/// <summary>
/// The membership of silos that share a data folder on one machine, in files. A view is a file with its version in the name, made
/// by a link that fails when the name is taken: of two who change the same view, one does. A member has a file with its beat
/// and another that it keeps locked; the operating system lets the lock go when the process dies, however it dies.
/// </summary>
/// <remarks>
/// There is no lock that anybody waits for, on purpose: a process that is frozen in the middle of a transaction would hold it, and with
/// it the whole cluster. Beats are not flushed to the disk: they are of no use after the machine has stopped.
/// </remarks>
public sealed class FolderMembership : IMembershipStore, IDisposable
{
    private const string ViewPrefix = "view-";
    private const string ViewEnding = ".json";
    private const string BeatEnding = ".beat";
    private const string LockEnding = ".lock";
    private const char Between = '~';

    // A view is read by its name after the names were listed: it stays long enough for that.
    private const int ViewsKept = 64;
    private const int ReadAttemptsMax = 10;

    private readonly string _folder;
    private readonly ConcurrentDictionary<MemberId, Life> _own = new();

    /// <param name="folder">The folder of the membership; made when it is missing.</param>
    public FolderMembership(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <inheritdoc/>
    public Task<ClusterView?> ReadAsync(CancellationToken cancellation) => Do(() =>
    {
        for (var attempt = 1; ; attempt++)
        {
            var version = NewestVersion();
            try
            {
                return version == 0 ? null : ClusterView.Parse(File.ReadAllBytes(PathOf(version)));
            }
            catch (FileNotFoundException) when (attempt < ReadAttemptsMax)
            {
                // Many newer ones have come in between.
            }
        }
    });

    /// <inheritdoc/>
    public Task<bool> TryWriteAsync(ClusterView next, CancellationToken cancellation) => Do(() =>
    {
        if (NewestVersion() != next.Version - 1)
            return false;
        var draft = Path.Combine(_folder, $"draft-{Guid.NewGuid():N}");
        try
        {
            using (var file = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, next.ToBytes(), 0);
                RandomAccess.FlushToDisk(file);
            }

            if (!ExclusiveName.TryTake(draft, PathOf(next.Version)))
                return false;
        }
        finally
        {
            File.Delete(draft);
        }

        // Who was frozen since it looked may have taken a name that was in use and is free again: that is no newest view.
        if (NewestVersion() - next.Version >= ViewsKept / 2)
        {
            File.Delete(PathOf(next.Version));
            return false;
        }

        foreach (var old in Versions().Where(version => version <= next.Version - ViewsKept).ToArray())
            File.Delete(PathOf(old));
        return true;
    });

    /// <inheritdoc/>
    public Task<Pulse> BeatAsync(MemberId self, long beat, long known, CancellationToken cancellation) => Do(() =>
    {
        _own.GetOrAdd(self, static (id, folder) => new Life(folder, id), _folder).Beat(beat, known);
        return Observe();
    });

    /// <inheritdoc/>
    public Task<Pulse> ObserveAsync(CancellationToken cancellation) => Do(Observe);

    /// <inheritdoc/>
    public Task<bool> EndAsync(MemberId id, CancellationToken cancellation) => Do(() =>
    {
        var path = Path.Combine(_folder, NameOf(id));
        Span<byte> bytes = stackalloc byte[Life.Bytes];
        // As long as the lock is held its process lives, and no other has its number.
        if (_own.ContainsKey(id) || !File.Exists(path + LockEnding) || HasEnded(path + LockEnding) || !TryReadBeat(path + BeatEnding, bytes))
            return false;
        var process = BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(long)..]);
        if (process == Environment.ProcessId)
            return false;
        try
        {
            using var frozen = Process.GetProcessById((int)process);
            frozen.Kill();
            return true;
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended by itself, or belongs to another user.
            return false;
        }
    });

    /// <inheritdoc/>
    public Task ForgetAsync(MemberId id, CancellationToken cancellation) => Do(() =>
    {
        if (_own.TryRemove(id, out var life))
            life.Dispose();
        // The beat first: whoever finds a beat may try the lock.
        File.Delete(Path.Combine(_folder, NameOf(id) + BeatEnding));
        File.Delete(Path.Combine(_folder, NameOf(id) + LockEnding));
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var life in _own.Values)
            life.Dispose();
        _own.Clear();
    }

    private static Task<T> Do<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            return Task.FromException<T>(new MembershipException("The folder of the cluster can't be used: " + fault.Message, fault));
        }
    }

    private static string NameOf(MemberId id) => string.Create(CultureInfo.InvariantCulture, $"{id.Name}{Between}{id.Incarnation}");

    private static MemberId? IdOf(string name) =>
        name.LastIndexOf(Between) is > 0 and var at
        && long.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var incarnation)
            ? new MemberId(name[..at], incarnation)
            : null;

    private string PathOf(long version) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{ViewPrefix}{version}{ViewEnding}"));

    private IEnumerable<long> Versions()
    {
        foreach (var path in Directory.EnumerateFiles(_folder, ViewPrefix + "*" + ViewEnding))
        {
            var name = Path.GetFileName(path.AsSpan());
            if (long.TryParse(name[ViewPrefix.Length..^ViewEnding.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                yield return version;
        }
    }

    private long NewestVersion() => Versions().DefaultIfEmpty(0).Max();

    private Pulse Observe()
    {
        var beats = new Dictionary<MemberId, long>();
        var known = new Dictionary<MemberId, long>();
        var gone = new HashSet<MemberId>();
        Span<byte> bytes = stackalloc byte[Life.Bytes];
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + BeatEnding))
        {
            if (IdOf(Path.GetFileNameWithoutExtension(path)) is not { } id || !TryReadBeat(path, bytes))
                continue;
            beats[id] = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            known[id] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(2 * sizeof(long))..]);
            if (!_own.ContainsKey(id) && HasEnded(Path.ChangeExtension(path, LockEnding)))
                gone.Add(id);
        }

        return new Pulse(NewestVersion(), beats, gone) { Known = known };
    }

    private static bool TryReadBeat(string path, Span<byte> bytes)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.Read(file, bytes, 0) == bytes.Length;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    // Who can take the lock knows that nobody has it, and lets it go at once.
    private static bool HasEnded(string lockPath) => FileLock.IsFree(lockPath);

    // The lock and the beat of one life of this process' silo. The lock is there before the beat, so nobody finds it free.
    private sealed class Life : IDisposable
    {
        // The beat, the number of the process, and the version of the view that it follows.
        internal const int Bytes = 3 * sizeof(long);

        private readonly SafeFileHandle _lock;
        private readonly SafeFileHandle _beat;

        internal Life(string folder, MemberId id)
        {
            var path = Path.Combine(folder, NameOf(id));
            _lock = File.OpenHandle(path + LockEnding, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            _beat = File.OpenHandle(path + BeatEnding, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }

        internal void Beat(long beat, long known)
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, beat);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(long)..], Environment.ProcessId);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(2 * sizeof(long))..], known);
            RandomAccess.Write(_beat, bytes, 0);
        }

        public void Dispose()
        {
            _beat.Dispose();
            _lock.Dispose();
        }
    }
}
