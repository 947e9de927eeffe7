namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>CPU of one process in a window.</summary>
/// <param name="Cores">CPU seconds a second.</param>
/// <param name="Throttled">The part of the periods in which its slice was used up; 0 without a slice.</param>
internal sealed record MemberUsage(string Name, MemberRole Role, double Cores, double Throttled);

/// <summary>Writes of the store in a window, summed over the members.</summary>
/// <param name="MaxQueue">Rows waiting for the writer of one file at the end of the window, maximum over the
/// files.</param>
internal sealed record StoreUsage(double RowsPerSecond, double CommitsPerSecond, double CommitSeconds, double MaxQueue)
{
    public double RowsPerCommit => CommitsPerSecond <= 0 ? 0 : RowsPerSecond / CommitsPerSecond;
}

/// <summary>CPU of the machine in a window.</summary>
/// <param name="ClientCores">This tool, which generates the load.</param>
/// <param name="OtherCores">All processes except the members and this tool.</param>
/// <param name="MachineCores">Number of cores of the machine.</param>
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
