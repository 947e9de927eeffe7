using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grid.Keys;

/// <summary>
/// The ring on disk: <c>keys/ring.json</c>. Only its owner can read it, and each write replaces the file under a lock.
/// </summary>
internal sealed class KeyRingFile(string dataFolder, TimeProvider time)
{
    internal const int Format = 1;
    private const int MaxFileBytes = 1 << 20;
    private const UnixFileMode OtherUsers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const int LockAttempts = 500;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    internal static readonly KeyPurpose[] Purposes = Enum.GetValues<KeyPurpose>();

    private readonly string _folder = System.IO.Path.Combine(dataFolder, "keys");

    internal string Path => System.IO.Path.Combine(_folder, "ring.json");

    internal sealed record Entry(byte Id, DateTimeOffset CreatedAt, DateTimeOffset ActiveFrom, byte[] Secret);

    internal sealed record Document(int Format, Dictionary<KeyPurpose, List<Entry>> Keys);

    /// <summary>
    /// Reads the ring, or makes one when there is none. Two processes that start together get the same ring.
    /// </summary>
    internal Document ReadOrCreate()
    {
        if (File.Exists(Path))
            return Read();
        using var held = Lock();
        if (File.Exists(Path))
            return Read();
        var now = time.GetUtcNow();
        var keys = Purposes.ToDictionary(purpose => purpose, _ => new List<Entry> { NewEntry(1, now, now) });
        var document = new Document(Format, keys);
        Replace(document);
        return document;
    }

    internal Document Read()
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // A group may read it: containers get their secrets this way.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & OtherUsers) != 0)
        {
            throw new KeyRingException(
                $"Every user of this machine can read or change the key ring {Path} and sign in as any caller. "
                    + "Run chmod 600 on it. If another user may have read it, also run 'keys rotate' and 'keys revoke'."
            );
        }
        if (file.Length > MaxFileBytes)
            throw new KeyRingException($"The file {Path} is not a key ring: it has more than {MaxFileBytes} bytes.");
        Document? document;
        try
        {
            document = JsonSerializer.Deserialize(file, KeyRingJson.Default.Document);
        }
        catch (JsonException)
        {
            // No inner exception: it may quote the file, which contains secrets.
            throw new KeyRingException(
                $"The key ring {Path} is damaged. Restore it from the backup: without it no profile can be opened."
            );
        }
        Verify(document);
        return document!;
    }

    /// <summary>Reads the ring, changes it and writes it, all under the lock.</summary>
    internal Document Update(Func<Document, Document> change)
    {
        using var held = Lock();
        var document = change(Read());
        Verify(document);
        Replace(document);
        return document;
    }

    /// <summary>Replaces the ring on disk by another one.</summary>
    internal void Write(Document document)
    {
        using var held = Lock();
        Replace(document);
    }

    internal static Entry NewEntry(byte id, DateTimeOffset createdAt, DateTimeOffset activeFrom) =>
        new(id, createdAt, activeFrom, RandomNumberGenerator.GetBytes(SecretKey.SecretLength));

    private void Verify(Document? document)
    {
        if (document is null || document.Format != Format)
        {
            throw new KeyRingException(
                $"The key ring {Path} has format {document?.Format}; this version reads format {Format}."
            );
        }
        foreach (var purpose in Purposes)
        {
            if (!document.Keys.TryGetValue(purpose, out var entries) && purpose == KeyPurpose.Profile)
                continue;
            if (entries is not { Count: > 0 })
                throw new KeyRingException($"The key ring {Path} has no key for {purpose}.");
            if (
                entries.Any(e => e.Id == 0 || e.Secret.Length != SecretKey.SecretLength)
                || entries.DistinctBy(e => e.Id).Count() != entries.Count
            )
                throw new KeyRingException($"The key ring {Path} has a malformed key for {purpose}.");
        }
    }

    private FileStream Lock()
    {
        Directory.CreateDirectory(dataFolder);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_folder);
        else
            Directory.CreateDirectory(_folder, OwnerFolder);
        using var never = new ManualResetEventSlim();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(System.IO.Path.Combine(_folder, "ring.lock"), OwnerOnly(FileMode.OpenOrCreate));
            }
            catch (IOException) when (attempt < LockAttempts)
            {
                never.Wait(LockPause);
            }
        }
    }

    private void Replace(Document document)
    {
        var temporary = System.IO.Path.Combine(_folder, $"ring.{Environment.ProcessId}.tmp");
        File.Delete(temporary);
        using (var file = new FileStream(temporary, OwnerOnly(FileMode.CreateNew)))
        {
            JsonSerializer.Serialize(file, document, KeyRingJson.Default.Document);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, Path, overwrite: true);
        DirectorySync.Flush(_folder);
    }

    private static FileStreamOptions OwnerOnly(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        return options;
    }

    /// <summary>Flushes a folder to disk: only then a renamed file survives a power cut.</summary>
    private static class DirectorySync
    {
        internal static void Flush(string folder)
        {
            if (!OperatingSystem.IsLinux())
                return;
            var descriptor = Open(folder, 0);
            if (descriptor < 0)
                return;
            _ = Fsync(descriptor);
            _ = Close(descriptor);
        }

        [DllImport(
            "libc",
            EntryPoint = "open",
            CharSet = CharSet.Ansi,
            BestFitMapping = false,
            ThrowOnUnmappableChar = true
        )]
        private static extern int Open(string path, int flags);

        [DllImport("libc", EntryPoint = "fsync")]
        private static extern int Fsync(int descriptor);

        [DllImport("libc", EntryPoint = "close")]
        private static extern int Close(int descriptor);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(KeyRingFile.Document))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
