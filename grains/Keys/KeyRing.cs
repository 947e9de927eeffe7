namespace Grid.Keys;

/// <summary>
/// The secrets of a grid by purpose, from <c>&lt;data&gt;/keys/ring.json</c>, which the first start makes. The newest
/// active key of a purpose writes; every kept key reads. Thread-safe; look-ups take no lock.
/// </summary>
/// <remarks>
/// The ring sees a rotation of another process in two ways: the host calls <see cref="Refresh"/> every few seconds, and
/// a token with an unknown key id reloads the file. Callers choose that id, so such a reload happens at most once per
/// <see cref="ReloadPause"/>.
/// </remarks>
public sealed class KeyRing
{
    /// <summary>Minimum time between reloads that unknown ids cause.</summary>
    public static readonly TimeSpan ReloadPause = TimeSpan.FromSeconds(1);

    /// <summary>How long a new key only reads before it writes; longer than the hosts' refresh interval.</summary>
    public static readonly TimeSpan ActivationDelay = TimeSpan.FromSeconds(15);

    /// <summary>Maximum delay before a new key writes.</summary>
    public static readonly TimeSpan MaxActivationDelay = TimeSpan.FromDays(7);

    /// <summary>
    /// Maximum life of a signed token. A rotation drops keys whose successors have been writing for longer.
    /// </summary>
    public static readonly TimeSpan MaxTokenLife = TimeSpan.FromDays(30);

    private readonly KeyRingFile _file;
    private readonly TimeProvider _time;
    private readonly Lock _reloading = new();
    private volatile Snapshot _snapshot;
    private long _lastReload;

    private KeyRing(KeyRingFile file, TimeProvider time)
    {
        _file = file;
        _time = time;
        _lastReload = time.GetTimestamp();
        _snapshot = Snapshot.From(file.ReadOrCreate(), time.GetUtcNow(), null);
    }

    /// <summary>Opens the ring of a data folder; makes both when they are missing.</summary>
    /// <exception cref="KeyRingException">The file exists but is no usable ring.</exception>
    public static KeyRing Open(string dataFolder, TimeProvider time) => new(new KeyRingFile(dataFolder, time), time);

    public static bool Exists(string dataFolder) => File.Exists(new KeyRingFile(dataFolder, TimeProvider.System).Path);

    /// <summary>Rises with each change of the ring, so that caches of derived data can expire.</summary>
    public int Version => _snapshot.Version;

    /// <summary>Whether the ring can seal and open names. The ring of a gateway has no keys for that.</summary>
    public bool HasProfileKeys => All(KeyPurpose.Profile).Count > 0;

    /// <summary>The key that writes for a purpose.</summary>
    /// <exception cref="KeyRingException">The ring has none for this purpose.</exception>
    public SecretKey Active(KeyPurpose purpose) => _snapshot.Active[(int)purpose] ?? throw NoneFor(purpose);

    /// <summary>Every kept key of a purpose, oldest first.</summary>
    public IReadOnlyList<SecretKey> All(KeyPurpose purpose) => _snapshot.All[(int)purpose];

    /// <summary>The key of an id, or null. May reload the file; see the remarks of the class.</summary>
    public SecretKey? Find(KeyPurpose purpose, byte id) =>
        _snapshot.ById[(int)purpose][id] ?? FindAfterReload(purpose, id);

    /// <summary>
    /// When the last token of a key has expired, in Unix seconds. The key stopped signing when its successor started to
    /// write, and a token lives for at most <see cref="MaxTokenLife"/>.
    /// </summary>
    public long TokensEndBy(KeyPurpose purpose, byte id) => _snapshot.EndsBy[(int)purpose][id];

    /// <summary>Loads the changes of other processes, and activates the keys that are due.</summary>
    public void Refresh()
    {
        lock (_reloading)
            Load(_file.Read());
    }

    /// <summary>
    /// Adds a key to a purpose. It reads at once and writes after a delay, in which every process must reload the ring.
    /// Drops token keys whose successors write for longer than <see cref="MaxTokenLife"/>; profile keys stay.
    /// </summary>
    /// <param name="purpose">The purpose of the new key.</param>
    /// <param name="after">
    /// The delay: <see cref="ActivationDelay"/> (default) to <see cref="MaxActivationDelay"/>. Use a longer delay if an
    /// operator copies the ring to processes that do not share the file.
    /// </param>
    /// <exception cref="KeyRingException">The purpose can't rotate, or has no free id.</exception>
    public void Rotate(KeyPurpose purpose, TimeSpan? after = null)
    {
        var delay = after ?? ActivationDelay;
        if (delay < ActivationDelay || delay > MaxActivationDelay)
        {
            throw new KeyRingException(
                $"The delay of a new key must be {ActivationDelay} to {MaxActivationDelay}: a process that has not "
                    + "reloaded the ring could not read what the key writes."
            );
        }
        if (purpose == KeyPurpose.ResidentPepper)
        {
            throw new KeyRingException(
                "The pepper of the resident keys can't rotate: every key in the store derives from it."
            );
        }
        lock (_reloading)
        {
            var now = _time.GetUtcNow();
            Load(
                _file.Update(document =>
                {
                    if (!document.Keys.ContainsKey(purpose))
                        throw NoneFor(purpose);
                    var known = document.Keys[purpose];
                    var kept = purpose == KeyPurpose.Profile ? known : WithoutRetired(known, now);
                    var id = FreeId(kept)
                        ?? throw new KeyRingException(
                            $"No key id is free: the purpose {purpose} has {byte.MaxValue} keys."
                        );
                    var keys = new Dictionary<KeyPurpose, List<KeyRingFile.Entry>>(document.Keys)
                    {
                        [purpose] = [.. kept, KeyRingFile.NewEntry(id, now, now + delay)],
                    };
                    return document with { Keys = keys };
                })
            );
        }
    }

    /// <summary>
    /// Removes a stolen key at once: every token that it signed is invalid. If no other key writes, a new one does from
    /// now on. Other processes follow within seconds.
    /// </summary>
    /// <exception cref="KeyRingException">The key is unknown, or stored data depends on its purpose.</exception>
    public void Revoke(KeyPurpose purpose, byte id)
    {
        if (purpose is not (KeyPurpose.AccessToken or KeyPurpose.DisplayToken))
        {
            throw new KeyRingException($"Keys of {purpose} can't be revoked: stored data can't be read without them.");
        }
        lock (_reloading)
        {
            var now = _time.GetUtcNow();
            Load(
                _file.Update(document =>
                {
                    var entries = document.Keys[purpose];
                    if (entries.TrueForAll(each => each.Id != id))
                        throw new KeyRingException($"The purpose {purpose} has no key {id}.");
                    var kept = entries.FindAll(each => each.Id != id);
                    if (kept.TrueForAll(each => each.ActiveFrom > now))
                        kept.Add(KeyRingFile.NewEntry(FreeId(entries)!.Value, now, now));
                    var keys = new Dictionary<KeyPurpose, List<KeyRingFile.Entry>>(document.Keys) { [purpose] = kept };
                    return document with { Keys = keys };
                })
            );
        }
    }

    /// <summary>Writes a ring without the keys that open names to another data folder, for a gateway.</summary>
    public void CopyForGateway(string dataFolder)
    {
        var document = _file.Read();
        var keys = document.Keys.Where(static each => each.Key != KeyPurpose.Profile).ToDictionary();
        new KeyRingFile(dataFolder, _time).Write(document with { Keys = keys });
    }

    private static KeyRingException NoneFor(KeyPurpose purpose) =>
        new($"The key ring has no key for {purpose}, because it is the ring of a gateway. Use the whole ring.");

    private static List<KeyRingFile.Entry> WithoutRetired(List<KeyRingFile.Entry> entries, DateTimeOffset now) =>
        [.. entries.Where((_, i) => i == entries.Count - 1 || entries[i + 1].ActiveFrom + MaxTokenLife > now)];

    private static byte? FreeId(List<KeyRingFile.Entry> entries)
    {
        // Start after the newest id, so that an id is reused as late as possible.
        for (var step = 1; step <= byte.MaxValue; step++)
        {
            var id = (byte)((entries[^1].Id - 1 + step) % byte.MaxValue + 1);
            if (entries.TrueForAll(e => e.Id != id))
                return id;
        }
        return null;
    }

    private SecretKey? FindAfterReload(KeyPurpose purpose, byte id)
    {
        if (id == 0 || _time.GetElapsedTime(Volatile.Read(ref _lastReload)) < ReloadPause)
            return null;
        // One caller reads the file. The others use the current snapshot instead of waiting for the disk.
        if (_reloading.TryEnter())
        {
            try
            {
                Load(_file.Read());
            }
            catch (Exception e) when (e is IOException or KeyRingException or UnauthorizedAccessException)
            {
                Volatile.Write(ref _lastReload, _time.GetTimestamp());
            }
            finally
            {
                _reloading.Exit();
            }
        }
        return _snapshot.ById[(int)purpose][id];
    }

    private void Load(KeyRingFile.Document document)
    {
        Volatile.Write(ref _lastReload, _time.GetTimestamp());
        _snapshot = Snapshot.From(document, _time.GetUtcNow(), _snapshot);
    }

    private sealed class Snapshot
    {
        internal required int Version { get; init; }
        internal required SecretKey?[] Active { get; init; }
        internal required SecretKey[][] All { get; init; }
        internal required SecretKey?[][] ById { get; init; }
        internal required long[][] EndsBy { get; init; }

        internal static Snapshot From(KeyRingFile.Document document, DateTimeOffset now, Snapshot? before)
        {
            var purposes = KeyRingFile.Purposes.Length;
            var active = new SecretKey?[purposes];
            var all = new SecretKey[purposes][];
            var byId = new SecretKey?[purposes][];
            var endsBy = new long[purposes][];
            foreach (var purpose in KeyRingFile.Purposes)
            {
                var p = (int)purpose;
                // Reuse the object of a known key: it keeps its native handles.
                all[p] =
                [
                    .. document
                        .Keys.GetValueOrDefault(purpose, [])
                        .Select(e => Known(before, p, e) ?? new SecretKey(e.Id, e.CreatedAt, e.ActiveFrom, e.Secret)),
                ];
                active[p] = all[p].LastOrDefault(k => k.ActiveFrom <= now) ?? all[p].FirstOrDefault();
                byId[p] = new SecretKey?[byte.MaxValue + 1];
                endsBy[p] = new long[byte.MaxValue + 1];
                for (var i = 0; i < all[p].Length; i++)
                {
                    byId[p][all[p][i].Id] = all[p][i];
                    endsBy[p][all[p][i].Id] =
                        i + 1 < all[p].Length
                            ? (all[p][i + 1].ActiveFrom + MaxTokenLife).ToUnixTimeSeconds()
                            : DateTimeOffset.MaxValue.ToUnixTimeSeconds();
                }
            }
            var changed = before is null || !all.Zip(before.All).All(pair => pair.First.SequenceEqual(pair.Second));
            return new Snapshot
            {
                Version = (before?.Version ?? 0) + (changed ? 1 : 0),
                Active = active,
                All = all,
                ById = byId,
                EndsBy = endsBy,
            };
        }

        private static SecretKey? Known(Snapshot? before, int purpose, KeyRingFile.Entry entry) =>
            before?.ById[purpose][entry.Id] is { } key && key.Secret.AsSpan().SequenceEqual(entry.Secret) ? key : null;
    }
}
