namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>What one process took of the machine in a window.</summary>
/// <param name="Cores">CPU seconds a second.</param>
/// <param name="Throttled">The part of its periods in which its slice was used up; 0 without one.</param>
internal sealed record MemberUsage(string Name, MemberRole Role, double Cores, double Throttled);

/// <summary>What the store wrote in a window, all members together.</summary>
/// <param name="MaxQueue">Rows that waited for one file's writer at the window's end, the longest queue.</param>
internal sealed record StoreUsage(double RowsPerSecond, double CommitsPerSecond, double CommitSeconds, double MaxQueue)
{
    public double RowsPerCommit => CommitsPerSecond <= 0 ? 0 : RowsPerSecond / CommitsPerSecond;
}

/// <summary>What took the machine in a window.</summary>
/// <param name="ClientCores">This tool, the maker of the load.</param>
/// <param name="OtherCores">Everything that is neither a member nor this tool.</param>
/// <param name="MachineCores">All that the machine has.</param>
internal sealed record Usage(
    double Seconds,
    IReadOnlyList<MemberUsage> Members,
    double ClientCores,
    double OtherCores,
    int MachineCores,
    StoreUsage? Store
)
{
    public double Of(MemberRole role) => Members.Where(member => member.Role == role).Sum(member => member.Cores);

    public int Count(MemberRole role) => Members.Count(member => member.Role == role);

    public double BusyCores => Members.Sum(member => member.Cores) + ClientCores + OtherCores;
}
