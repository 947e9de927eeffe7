using Grid.Engine.Hosting;

namespace Grid.Engine.Cluster;

/// <summary>
/// What is done when two silos that both live can't reach each other: their grains could not call each other, and calls would fail
/// for as long as the network is cut. One of the two hands its units over and stands by until it is reached again.
/// </summary>
public sealed partial class ClusterNode
{
    private readonly Dictionary<MemberId, long> _reachedAt = [];

    // Who is dead is taken out of the view first: to stand by for a dead silo would be to give it everything.
    private TimeSpan UnreachableMax => _options.UnreachableMax > _options.Lease * 2 ? _options.UnreachableMax : _options.Lease * 2;

    private async Task ProbeAsync()
    {
        var others = _view.Members.Where(member => _isMember && member.Id != _self).ToArray();
        lock (_reachedAt)
        {
            var now = _time.GetTimestamp();
            foreach (var gone in _reachedAt.Keys.Where(id => others.All(member => member.Id != id)).ToArray())
            {
                _reachedAt.Remove(gone);
            }

            foreach (var member in others)
            {
                _reachedAt.TryAdd(member.Id, now);
            }
        }

        await Task.WhenAll(others.Select(PingAsync));
    }

    private async Task PingAsync(Member member)
    {
        try
        {
            await _network.AskAsync(member.Address, (byte)ControlKind.Ping, default, _options.AskTimeout);
            lock (_reachedAt)
            {
                if (_reachedAt.ContainsKey(member.Id))
                {
                    _reachedAt[member.Id] = _time.GetTimestamp();
                }
            }
        }
        catch (Exception fault) when (fault is TimeoutException or GrainUnavailableException or GrainOverloadedException)
        {
            // That is what it is to find out.
        }
    }

    private async Task ShowReachAsync()
    {
        var view = _view;
        if (view.Find(_self) is not { } self || self.State == MemberState.Leaving)
        {
            return;
        }

        string[] unreachable;
        lock (_reachedAt)
        {
            unreachable = [.. view.Members.Select(static member => member.Id)
                .Where(id => _reachedAt.TryGetValue(id, out var at) && _time.GetElapsedTime(at) >= UnreachableMax).Select(static id => id.Name)];
        }

        var seen = view.With(self with { Unreachable = unreachable.Length > 0 ? unreachable : null });
        var state = StandsBy(seen, self.Id.Name) ? MemberState.Standby : MemberState.Active;
        if (state != self.State || !unreachable.SequenceEqual(self.Unreachable ?? []))
        {
            LogReach(_log, string.Join(", ", unreachable), state);
            await TryChangeAsync(seen.With(seen.Find(_self)! with { State = state }).Settle());
        }
    }

    /// <summary>
    /// Whether a silo is the one of two that gives way: who is out of reach for more of the others, or has the greater name.
    /// </summary>
    internal static bool StandsBy(ClusterView view, string name) => view.Members.Any(other =>
        other.State == MemberState.Active && AreApart(view, name, other.Id.Name)
        && (Missing(view, name) - Missing(view, other.Id.Name)) switch
        {
            0 => string.CompareOrdinal(name, other.Id.Name) > 0,
            var more => more > 0,
        });

    private static int Missing(ClusterView view, string name) => view.Members.Count(other => AreApart(view, name, other.Id.Name));

    private static bool AreApart(ClusterView view, string one, string two) =>
        view.Members.Any(member => (member.Id.Name == one && member.Unreachable?.Contains(two) == true)
            || (member.Id.Name == two && member.Unreachable?.Contains(one) == true));
}
