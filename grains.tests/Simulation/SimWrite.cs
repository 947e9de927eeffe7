using System.Globalization;
using Grid.Scans;
using Grid.Silo.Stores;

namespace Grid.Tests.Simulation;

/// <summary>A queued write. Its caller is told once: of the commit, a failure or an unknown outcome.</summary>
internal abstract class SimWrite
{
    private bool _answered;

    /// <summary>Whether its caller was told that the outcome is unknown.</summary>
    internal bool IsGivenUp { get; set; }

    /// <summary>Applies the write at the commit.</summary>
    internal abstract void Apply(SimDisk.Unit unit, DiskRules rules);

    internal void Answer(StoreException? failure)
    {
        if (_answered)
            return;
        _answered = true;
        if (failure is null)
            Succeed();
        else
            Fail(failure);
    }

    protected abstract void Succeed();

    protected abstract void Fail(StoreException failure);
}

/// <summary>A write or clear of a state.</summary>
internal sealed class SimStateWrite<T> : SimWrite
{
    private readonly TaskCompletionSource _done = new();
    private readonly string _table;
    private readonly string _key;
    private readonly IGrainState<T> _target;
    private readonly long _known;
    private readonly byte[]? _bytes;
    private readonly bool _pending;
    private long _version;
    private bool _written;

    internal SimStateWrite(string table, string key, IGrainState<T> target, bool clear)
    {
        _table = table;
        _key = key;
        _target = target;
        _known = target.ETag is { } tag ? long.Parse(tag, CultureInfo.InvariantCulture) : 0;
        _bytes = clear ? null : StateBytes.Encode(target.State!);
        _pending = !clear && target.State is IPendingWork { HasPendingWork: true };
        // The answer of a disk that answers before the commit.
        (_written, _version) = (true, _known + 1);
    }

    internal Task Done => _done.Task;

    /// <inheritdoc/>
    internal override void Apply(SimDisk.Unit unit, DiskRules rules)
    {
        var row = unit.Find(_table, _key);
        var cleared = row is { Bytes: null };
        var stored = row?.Version ?? 0;
        _written = _known == stored || (_known == 0 && cleared) || !rules.ChecksVersions;
        _version =
            _written ? stored + 1
            : cleared ? 0
            : stored;
        if (_written && (row is not null || _bytes is not null))
            unit.Put(_table, _key, new SimDisk.Row(_bytes, _version, _pending));
    }

    protected override void Succeed()
    {
        if (!_written)
        {
            _done.SetException(
                new InconsistentStateException("The simulated store has another version.", Text(_version), Text(_known))
            );
            return;
        }

        _target.ETag = _bytes is null ? null : Text(_version);
        _target.RecordExists = _bytes is not null;
        _done.SetResult();
    }

    protected override void Fail(StoreException failure) => _done.SetException(failure);

    private static string? Text(long version) => version > 0 ? version.ToString(CultureInfo.InvariantCulture) : null;
}

/// <summary>Visits to write in one commit.</summary>
internal sealed class SimVisitsWrite(Visit[] visits) : SimWrite
{
    private readonly TaskCompletionSource<VisitReceipt[]> _done = new();
    private readonly VisitReceipt[] _receipts = Array.ConvertAll(visits, static visit => new VisitReceipt(
        VisitStatus.Recorded,
        visit
    ));

    internal Task<VisitReceipt[]> Done => _done.Task;

    /// <inheritdoc/>
    internal override void Apply(SimDisk.Unit unit, DiskRules rules)
    {
        for (var index = 0; index < visits.Length; index++)
        {
            var visit = visits[index];
            if (!unit.Visits.TryGetValue(visit.ScanId, out var rows))
                unit.Visits.Add(visit.ScanId, rows = []);
            if (rows.Count > 0 && rules.KnowsScanIds)
            {
                _receipts[index] = VisitReceipts.Standing(rows[0], visit);
                continue;
            }

            rows.Add(visit);
            _receipts[index] = new VisitReceipt(VisitStatus.Recorded, visit);
        }
    }

    protected override void Succeed() => _done.SetResult(_receipts);

    protected override void Fail(StoreException failure) => _done.SetException(failure);
}
