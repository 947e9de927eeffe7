namespace Grid.Keys;

/// <summary>
/// The secrets of a grid, by purpose. Loaded from <c>&lt;data&gt;/keys/ring.json</c>, which is made at the first start.
/// The newest active key of a purpose writes; every kept key reads. Safe to use from many threads; the look-ups take
/// no lock.
/// </summary>
/// <remarks>
/// A rotation in another process is seen in two ways: <see cref="Refresh"/>, which the host calls every few seconds,
/// and the first token that carries an id that this process does not know. Because an id comes from outside, the second
/// way reads the file at most once in <see cref="ReloadPause"/>.
/// </remarks>
public sealed class KeyRing
{
    /// <summary>How soon after one reload the next unknown id may cause another.</summary>
    public static readonly TimeSpan ReloadPause = TimeSpan.FromSeconds(1);

    /// <summary>How long a new key only reads before it writes; longer than the hosts' refresh period.</summary>
    public static readonly TimeSpan ActivationDelay = TimeSpan.FromSeconds(15);

    /// <summary>The longest that a new key may only read.</summary>
    public static readonly TimeSpan ActivationDelayMax = TimeSpan.FromDays(7);

    /// <summary>The longest life of anything that a token key signs; a key superseded for longer is dropped at a rotation.</summary>
    public static readonly TimeSpan TokenLifeMax = TimeSpan.FromDays(30);

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

    /// <summary>Opens the ring of a data folder; makes both when missing.</summary>
    /// <exception cref="KeyRingException">The file is there but is no usable ring.</exception>
    public static KeyRing Open(string dataFolder, TimeProvider time) => new(new KeyRingFile(dataFolder, time), time);

    /// <summary>Whether a data folder has a ring.</summary>
    public static bool Exists(string dataFolder) => File.Exists(new KeyRingFile(dataFolder, TimeProvider.System).Path);

    /// <summary>Rises with each change of the ring; what was derived from an older one may be stale.</summary>
    public int Version => _snapshot.Version;

    /// <summary>Whether names can be sealed and opened with it. The ring of a gateway has no keys for that.</summary>
    public bool HasProfileKeys => All(KeyPurpose.Profile).Count > 0;

    /// <summary>The key that writes.</summary>
    /// <exception cref="KeyRingException">The ring has none for this purpose.</exception>
    public SecretKey Active(KeyPurpose purpose) => _snapshot.Active[(int)purpose] ?? throw NoneFor(purpose);

    /// <summary>Every kept key of a purpose, oldest first.</summary>
    public IReadOnlyList<SecretKey> All(KeyPurpose purpose) => _snapshot.All[(int)purpose];

    /// <summary>The key with an id, or null. May read the file, see the remarks of the class.</summary>
    public SecretKey? Find(KeyPurpose purpose, byte id)
        => _snapshot.ById[(int)purpose][id] ?? FindAfterReload(purpose, id);

    /// <summary>
    /// The latest end, in Unix seconds, of anything that a key may have signed: it stopped when its successor began to write,
    /// and what it signed lived for <see cref="TokenLifeMax"/> at most.
    /// </summary>
    public long TokensEndBy(KeyPurpose purpose, byte id) => _snapshot.EndsBy[(int)purpose][id];

    /// <summary>Takes in what other processes changed and makes due keys active.</summary>
    public void Refresh()
    {
        lock (_reloading)
            Load(_file.Read());
    }

    /// <summary>
    /// Adds a key to a purpose. It reads at once and writes after a while, by when every process must have read the ring
    /// again. Token keys that were superseded more than <see cref="TokenLifeMax"/> ago go; profile keys stay.
    /// </summary>
    /// <param name="purpose">What for.</param>
    /// <param name="after">
    /// When it begins to write: <see cref="ActivationDelay"/>, the default, to <see cref="ActivationDelayMax"/>. Longer
    /// where the processes do not share the file but are brought copies of it.
    /// </param>
    /// <exception cref="KeyRingException">The purpose can't rotate, or has no free id.</exception>
    public void Rotate(KeyPurpose purpose, TimeSpan? after = null)
    {
        var delay = after ?? ActivationDelay;
        if (delay < ActivationDelay || delay > ActivationDelayMax)
            throw new KeyRingException($"A new key writes after {ActivationDelay} to {ActivationDelayMax}: sooner, a process that has not read the ring again could not read what it wrote.");
        if (purpose == KeyPurpose.ResidentPepper)
            throw new KeyRingException("The pepper of the resident keys can't rotate: every key in the store is derived from it.");
        lock (_reloading)
        {
            var now = _time.GetUtcNow();
            Load(_file.Update(document =>
            {
                if (!document.Keys.ContainsKey(purpose))
                    throw NoneFor(purpose);
                var kept = purpose == KeyPurpose.Profile ? document.Keys[purpose] : WithoutRetired(document.Keys[purpose], now);
                var id = FreeId(kept) ?? throw new KeyRingException($"The purpose {purpose} holds {byte.MaxValue} keys; there is no id for another.");
                var keys = new Dictionary<KeyPurpose, List<KeyRingFile.Entry>>(document.Keys)
                {
                    [purpose] = [.. kept, KeyRingFile.NewEntry(id, now, now + delay)],
                };
                return document with { Keys = keys };
            }));
        }
    }

    /// <summary>
    /// Takes a key out at once: nothing that it signed is believed any more. A new key writes from now on when no other
    /// does. For a key that was stolen; the other processes follow within seconds.
    /// </summary>
    /// <exception cref="KeyRingException">There is no such key, or stored data depends on keys of that purpose.</exception>
    public void Revoke(KeyPurpose purpose, byte id)
    {
        if (purpose is not (KeyPurpose.AccessToken or KeyPurpose.DisplayToken))
            throw new KeyRingException($"Keys of {purpose} can't be revoked: what is stored can be read with them alone.");
        lock (_reloading)
        {
            var now = _time.GetUtcNow();
            Load(_file.Update(document =>
            {
                var entries = document.Keys[purpose];
                if (entries.TrueForAll(each => each.Id != id))
                    throw new KeyRingException($"There is no key {id} of {purpose}.");
                var kept = entries.FindAll(each => each.Id != id);
                if (kept.TrueForAll(each => each.ActiveFrom > now))
                    kept.Add(KeyRingFile.NewEntry(FreeId(entries)!.Value, now, now));
                return document with { Keys = new Dictionary<KeyPurpose, List<KeyRingFile.Entry>>(document.Keys) { [purpose] = kept } };
            }));
        }
    }

    /// <summary>Writes what a gateway needs of the ring to another data folder: all but the keys that open names.</summary>
    public void CopyForGateway(string dataFolder)
    {
        var document = _file.Read();
        var keys = document.Keys.Where(static each => each.Key != KeyPurpose.Profile).ToDictionary();
        new KeyRingFile(dataFolder, _time).Write(document with { Keys = keys });
    }

    private static KeyRingException NoneFor(KeyPurpose purpose) =>
        new($"The key ring has no key for {purpose}: it is the ring of a gateway. This needs the whole ring.");

    private static List<KeyRingFile.Entry> WithoutRetired(List<KeyRingFile.Entry> entries, DateTimeOffset now)
        => [.. entries.Where((_, i) => i == entries.Count - 1 || entries[i + 1].ActiveFrom + TokenLifeMax > now)];

    private static byte? FreeId(List<KeyRingFile.Entry> entries)
    {
        // The next id after the newest, so that an id is re-used as late as possible.
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
        // One caller reads the file; the others go on with what is there rather than queue behind the disk.
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
                // A key that is already in use keeps its native handles.
                all[p] = [.. document.Keys.GetValueOrDefault(purpose, []).Select(e => Known(before, p, e) ?? new SecretKey(e.Id, e.CreatedAt, e.ActiveFrom, e.Secret))];
                active[p] = all[p].LastOrDefault(k => k.ActiveFrom <= now) ?? all[p].FirstOrDefault();
                byId[p] = new SecretKey?[byte.MaxValue + 1];
                endsBy[p] = new long[byte.MaxValue + 1];
                for (var i = 0; i < all[p].Length; i++)
                {
                    byId[p][all[p][i].Id] = all[p][i];
                    endsBy[p][all[p][i].Id] = i + 1 < all[p].Length
                        ? (all[p][i + 1].ActiveFrom + TokenLifeMax).ToUnixTimeSeconds()
                        : DateTimeOffset.MaxValue.ToUnixTimeSeconds();
                }
            }
            var changed = before is null || !all.Zip(before.All).All(pair => pair.First.SequenceEqual(pair.Second));
            return new Snapshot { Version = (before?.Version ?? 0) + (changed ? 1 : 0), Active = active, All = all, ById = byId, EndsBy = endsBy };
        }

        private static SecretKey? Known(Snapshot? before, int purpose, KeyRingFile.Entry entry)
            => before?.ById[purpose][entry.Id] is { } key && key.Secret.AsSpan().SequenceEqual(entry.Secret) ? key : null;
    }
}
