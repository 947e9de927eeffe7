namespace Grid.Tests.Simulation;

/// <summary>
/// Whether a silo may answer: for a while after each read of the table that began while it was not dead in it. Stands here until
/// the product has its own.
/// </summary>
internal sealed class SimGate(TimeProvider clock, TimeSpan lease)
{
    private long _until = long.MinValue;

    internal bool IsOpen => clock.GetTimestamp() < _until;

    internal long Now => clock.GetTimestamp();

    internal void OpenFrom(long began) => _until = Math.Max(_until, began + (long)(lease.TotalSeconds * clock.TimestampFrequency));
}

/// <summary>The table of a silo: its reads move the gate.</summary>
internal sealed class SimLeasedTable(IMembershipTable table, SimGate gate, SiloAddress self) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => table.InitializeMembershipTableAsync(tryInitTableVersion);

    public Task DeleteMembershipTableEntries(string clusterId) => table.DeleteMembershipTableEntriesAsync(clusterId);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => table.CleanupDefunctSiloEntriesAsync(beforeDate);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => table.ReadRowAsync(key);

    public async Task<MembershipTableData> ReadAll()
    {
        var began = gate.Now;
        var data = await table.ReadAllAsync();
        if (data.TryGet(self) is { Item1.Status: not SiloStatus.Dead })
            gate.OpenFrom(began);
        return data;
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => table.InsertRowAsync(entry, tableVersion);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => table.UpdateRowAsync(entry, etag, tableVersion);

    public Task UpdateIAmAlive(MembershipEntry entry) => table.UpdateIAmAliveAsync(entry);
}

/// <summary>Lets no call in while the gate is shut, and nothing but reads out.</summary>
internal sealed class SimGateFilter(SimGate gate, bool checksAfter) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!gate.IsOpen)
            throw SimCalls.Rejection("The gate is shut; nothing was done.");
        await context.Invoke();
        if (checksAfter && !gate.IsOpen && !context.InterfaceMethod.IsDefined(typeof(ReadOnlyAttribute), inherit: false))
            throw new TimeoutException("The gate was shut meanwhile; the outcome is unknown.");
    }
}
