using System.Globalization;

namespace Grid.Tests.Simulation;

/// <summary>The rows of the membership table on its server.</summary>
internal sealed class SimRows(SimWorld world)
{
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> _rows = [];
    private TableVersion _version = new(0, "0");
    private long _etags;

    internal MembershipTableData Read(SiloAddress? only = null) =>
        new(
            [
                .. _rows
                    .Where(row => only is null || row.Key.Equals(only))
                    .OrderBy(static row => row.Key)
                    .Select(static row => Tuple.Create(Copy(row.Value.Entry), row.Value.ETag)),
            ],
            _version
        );

    internal bool Insert(MembershipEntry entry, TableVersion version)
    {
        if (_rows.ContainsKey(entry.SiloAddress) || version.VersionEtag != _version.VersionEtag)
            return false;
        Put(entry, version);
        return true;
    }

    internal bool Update(MembershipEntry entry, string etag, TableVersion version)
    {
        if (
            !_rows.TryGetValue(entry.SiloAddress, out var row)
            || row.ETag != etag
            || version.VersionEtag != _version.VersionEtag
        )
            return false;
        Put(entry, version);
        return true;
    }

    internal bool Touch(MembershipEntry entry)
    {
        if (_rows.TryGetValue(entry.SiloAddress, out var row))
            row.Entry.IAmAliveTime = entry.IAmAliveTime;
        return true;
    }

    private void Put(MembershipEntry entry, TableVersion version)
    {
        _rows[entry.SiloAddress] = (Copy(entry), NextTag());
        _version = new TableVersion(version.Version, NextTag());
        world.Log.Say($"the table has {entry.SiloName} of generation {entry.SiloAddress.Generation} as {entry.Status}");
        world.Log.Mark(entry.SiloAddress.Generation, (long)entry.Status);
    }

    private string NextTag() => (++_etags).ToString(CultureInfo.InvariantCulture);

    private static MembershipEntry Copy(MembershipEntry entry) =>
        new()
        {
            SiloAddress = entry.SiloAddress,
            Status = entry.Status,
            SuspectTimes = entry.SuspectTimes is null ? null : [.. entry.SuspectTimes],
            ProxyPort = entry.ProxyPort,
            HostName = entry.HostName,
            SiloName = entry.SiloName,
            RoleName = entry.RoleName,
            UpdateZone = entry.UpdateZone,
            FaultZone = entry.FaultZone,
            StartTime = entry.StartTime,
            IAmAliveTime = entry.IAmAliveTime,
        };
}

/// <summary>
/// One process's access to the table. Requests and answers are delayed or lost, and the server may be down. A write
/// takes effect even if its answer is lost.
/// </summary>
internal sealed class SimTable(SimRows rows, SimWire wire, SimProcess process, string machine) : IMembershipTable
{
    // The table is read so often that the loss rate of the store would leave no member alive.
    private const double FailsWhenReadsFail = 0.2;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => throw new NotSupportedException();

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Ask(() => rows.Read(key));

    public Task<MembershipTableData> ReadAll() => Ask(() => rows.Read());

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        Ask(() => rows.Insert(entry, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        Ask(() => rows.Update(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) => Ask(() => rows.Touch(entry));

    private Task<T> Ask<T>(Func<T> act)
    {
        var answer = new TaskCompletionSource<T>();
        var world = wire.World;
        var (isLost, isUnanswered) = (Fails(), Fails());
        world.After(process.Until(process.Local + SimTimes.TableTimeout.Ticks), process, () =>
            answer.TrySetException(new TimeoutException("The simulated table does not answer."))
        );
        world.After(Travel(), null, Arrive);
        return answer.Task;

        void Arrive()
        {
            if (isLost || wire.IsCut(machine, SimWire.Redis))
                return;
            var result = act();
            if (!isUnanswered)
                world.After(Travel(), process, () => answer.TrySetResult(result));
        }
    }

    private long Travel() => wire.Random.Ticks(0.1, wire.Weather.RegistryMs);

    private bool Fails() => wire.Random.Chance(wire.Weather.ReadFails * FailsWhenReadsFail);
}
