using Microsoft.Extensions.Logging;

namespace Grid.Engine.Cluster;

/// <summary>What a node says.</summary>
public sealed partial class ClusterNode
{
    [LoggerMessage(LogLevel.Information, "Joined the cluster as {Self}: view {Version}, {Members} members")]
    private static partial void LogJoined(ILogger log, MemberId self, long version, int members);

    [LoggerMessage(LogLevel.Information, "{Self} has left the cluster")]
    private static partial void LogLeft(ILogger log, MemberId self);

    [LoggerMessage(LogLevel.Warning, "Left the cluster without handing everything over; the others take it when the lease is over")]
    private static partial void LogLeftHard(ILogger log, Exception fault);

    [LoggerMessage(LogLevel.Warning, "The lease could not be renewed; the silo answers as long as the other members promise not to take it out")]
    private static partial void LogNotRenewed(ILogger log, Exception fault);

    [LoggerMessage(LogLevel.Warning, "The store can't be reached: what is in memory is answered by the promises of {Others} other members")]
    private static partial void LogOnPromises(ILogger log, int others);

    [LoggerMessage(LogLevel.Warning, "The store is there again")]
    private static partial void LogStoreBack(ILogger log);

    [LoggerMessage(LogLevel.Warning, "The lease had run out and is renewed; the silo answers again")]
    private static partial void LogResumed(ILogger log);

    [LoggerMessage(LogLevel.Warning, "The cluster holds {Self} dead; it gives everything up and joins anew")]
    private static partial void LogTakenOut(ILogger log, MemberId self);

    [LoggerMessage(LogLevel.Warning, "{Member} is dead: its beat stands at {Beat}")]
    private static partial void LogDead(ILogger log, MemberId member, long beat);

    [LoggerMessage(LogLevel.Warning, "The view of the cluster could not be changed; tried again")]
    private static partial void LogNotChanged(ILogger log, Exception fault);

    [LoggerMessage(LogLevel.Information, "Serves unit {Unit} under epoch {Epoch}")]
    private static partial void LogServes(ILogger log, int unit, long epoch);

    [LoggerMessage(LogLevel.Warning, "Unit {Unit} could not be opened; tried again")]
    private static partial void LogNotOpened(ILogger log, int unit, Exception fault);

    [LoggerMessage(LogLevel.Warning, "Unit {Unit} was to be opened under epoch {Epoch}, but its store is at {Stored}")]
    private static partial void LogFencedAtOpening(ILogger log, int unit, long epoch, long stored);

    [LoggerMessage(LogLevel.Warning, "{Former} was renewing its lease when it was taken out; its units wait for one lease")]
    private static partial void LogWaitsForLease(ILogger log, MemberId former);

    [LoggerMessage(LogLevel.Warning, "{Former} was frozen in the middle of a commit and stood in the way of the next owner; its process was ended")]
    private static partial void LogEnded(ILogger log, MemberId former);

    [LoggerMessage(LogLevel.Warning, "Can't reach {Names}; {State} from now on")]
    private static partial void LogReach(ILogger log, string names, MemberState state);

    [LoggerMessage(LogLevel.Information, "Unit {Unit} is {Target}'s now, after {Milliseconds:F0} ms")]
    private static partial void LogHandedOver(ILogger log, int unit, MemberId target, double milliseconds);

    [LoggerMessage(LogLevel.Warning, "A write of unit {Unit} under epoch {Epoch} was fenced by a newer owner")]
    private static partial void LogFenced(ILogger log, int unit, long epoch);

    [LoggerMessage(LogLevel.Warning, "Gave up unit {Unit} of epoch {Epoch}, with {Abandoned} grains at work")]
    private static partial void LogLost(ILogger log, int unit, long epoch, int abandoned);

    [LoggerMessage(LogLevel.Error, "{Tenant} failed in unit {Unit}")]
    private static partial void LogTenantFailed(ILogger log, string tenant, int unit, Exception fault);
}
