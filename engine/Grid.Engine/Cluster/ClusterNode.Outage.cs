using Grid.Codec;
using Grid.Engine.Hosting;
using Grid.Engine.Wire;

namespace Grid.Engine.Cluster;

/// <summary>
/// What is done while the store can't be reached: a silo goes on answering for what it has in memory by the promises of all
/// other members of its view that they will not take it out.
/// </summary>
/// <remarks>
/// It is safe because nobody can take a silo out whom it does not ask: a member takes out only who knows of it, that is, who
/// has shown a view in which it is; and who knows of it needs its promise. A member that holds none back for a lease, and gives none
/// from the moment at which it sends the change until it knows a view after it, has the silo's gate shut when the change stands.
/// </remarks>
public sealed partial class ClusterNode
{
    private readonly Promises _promises;
    private readonly Ticker _holds;
    private long _storeSeenAt;
    private long _storeBackAt = long.MinValue;
    private bool _isOnPromises;

    // Past it a beat is late: half of the way from the beat to the end of the lease, so that all ask and promise before it.
    private TimeSpan LateAfter => (_options.Lease - _options.LeaseMargin) / 2;

    // After an outage those that come back first give the others time to come back too.
    private TimeSpan Grace => _options.Lease * 4;

    private bool IsStoreLate => _time.GetElapsedTime(Interlocked.Read(ref _storeSeenAt)) >= LateAfter;

    private bool HasStore => _time.GetElapsedTime(Interlocked.Read(ref _storeSeenAt)) < _options.Lease;

    private bool IsStoreJustBack => Interlocked.Read(ref _storeBackAt) is not long.MinValue and var back && _time.GetElapsedTime(back) < Grace;

    // What others may rely on: a silo that never goes on without the store knows everybody.
    private long KnownVersion => _options.StoreOutageMax > TimeSpan.Zero ? _view.Version : Pulse.KnowsAll;

    // A beat came through and a view was read after it; under the lock.
    private void StoreSeen(long from, bool isFirst)
    {
        if (!isFirst && _time.GetElapsedTime(_storeSeenAt, from) >= _options.Lease)
        {
            Interlocked.Exchange(ref _storeBackAt, _time.GetTimestamp());
        }

        Interlocked.Exchange(ref _storeSeenAt, Math.Max(_storeSeenAt, from));
        if (_isOnPromises)
        {
            _isOnPromises = false;
            LogStoreBack(_log);
        }
    }

    private Task HoldAsync()
    {
        ClusterView view;
        MemberId self;
        Member[] others;
        lock (_lock)
        {
            if (!_isMember || !IsStoreLate || OutageEnd() <= _time.GetTimestamp())
            {
                return Task.CompletedTask;
            }

            (view, self) = (_view, _self);
            others = [.. view.Members.Where(member => member.Id != self && _promises.IsDue(member.Id, view.Version))];
        }

        foreach (var member in others)
        {
            // Each for itself: who does not answer holds up nobody but the whole.
            _ = AskForPromiseAsync(member, self, view.Version);
        }

        Extend(view);
        return Task.CompletedTask;
    }

    private async Task AskForPromiseAsync(Member member, MemberId self, long version)
    {
        var from = _time.GetTimestamp();
        try
        {
            var bytes = await _network.AskAsync(
                member.Address, (byte)ControlKind.Promise, new PromiseRequest(self, member.Id, version).ToBytes(), _options.Lease - _options.LeaseMargin);
            var answer = PromiseAnswer.Parse(bytes.Span);
            switch (answer.Verdict)
            {
                case PromiseVerdict.Given:
                    Note(self, version, () => _promises.Got(member.Id, version, from));
                    break;
                case PromiseVerdict.OtherLife:
                    Note(self, version, () => _promises.Ended(member.Id, version));
                    break;
                case PromiseVerdict.Behind when answer.View is { } newer:
                    Accept(newer);
                    _holds.Wake();
                    break;
            }
        }
        catch (GrainUnavailableException)
        {
            if (await _network.IsRefusedAsync(member.Address))
            {
                Note(self, version, () => _promises.Ended(member.Id, version));
            }
        }
        catch (Exception fault) when (fault is TimeoutException or GrainOverloadedException or RemoteGrainException or OperationCanceledException)
        {
            // It has promised nothing.
        }
    }

    private void Note(MemberId self, long version, Action note)
    {
        ClusterView view;
        lock (_lock)
        {
            view = _view;
            if (!_isMember || self != _self || view.Version != version)
            {
                return;
            }

            note();
        }

        Extend(view);
    }

    private void Extend(ClusterView view)
    {
        bool wasOpen;
        lock (_lock)
        {
            if (!_isMember || !IsStoreLate || !ReferenceEquals(view, _view) || _promises.From(view, _self) is not { } from)
            {
                return;
            }

            wasOpen = _gate.IsOpen;
            _gate.OpenUntil(Math.Min(LeaseEnd(from), OutageEnd()));
            if (!_isOnPromises && _gate.IsOpen && LeaseEnd(_storeSeenAt) <= _time.GetTimestamp())
            {
                _isOnPromises = true;
                LogOnPromises(_log, view.Members.Length - 1);
            }
        }

        if (!wasOpen && _gate.IsOpen)
        {
            LogResumed(_log);
            _router.LetOut();
        }
    }

    // Whoever may hold a silo dead by this time alone counts it from later, and longer.
    private long OutageEnd() => Interlocked.Read(ref _storeSeenAt) + (long)(_options.StoreOutageMax.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan DeadForCertainAfter => _options.StoreOutageMax * (_options.Lease / (_options.Lease - _options.LeaseMargin));

    private PromiseAnswer Promise(PromiseRequest request)
    {
        lock (_lock)
        {
            var view = _view;
            if (request.To != _self)
            {
                return new PromiseAnswer(PromiseVerdict.OtherLife);
            }

            _promises.Hear(request.From, request.Version);
            if (request.Version < view.Version)
            {
                return new PromiseAnswer(PromiseVerdict.Behind, view);
            }

            if (request.Version > view.Version)
            {
                _ = AskForViewAsync(view.Find(request.From)?.Address);
                return new PromiseAnswer(PromiseVerdict.Refused);
            }

            // Who has the store sees whether the other has it too, and replaces it if not.
            var isGiven = _isMember && view.Find(request.From) is not null && (IsStoreLate || IsStoreJustBack)
                && _promises.TryGive(request.From, view.Version);
            return new PromiseAnswer(isGiven ? PromiseVerdict.Given : PromiseVerdict.Refused);
        }
    }

    private async Task AskForViewAsync(SiloAddress? at)
    {
        try
        {
            // Elsewhere than under the lock that the caller holds.
            await Task.Yield();
            if (at is { } address)
            {
                var bytes = await _network.AskAsync(address, (byte)ControlKind.AskView, default, _options.AskTimeout);
                Accept(ClusterView.Parse(bytes.Span));
            }
        }
        catch (Exception fault) when (fault is TimeoutException or GrainUnavailableException or GrainOverloadedException or RemoteGrainException or FormatException)
        {
            // It asks again.
        }
    }

    // By its name a silo is replaced whether it knows of that or not; it must have ended. One that answers has not.
    private async Task<bool> AnswersAsync(Member member)
    {
        try
        {
            var bytes = await _network.AskAsync(
                member.Address, (byte)ControlKind.Promise, new PromiseRequest(member.Id, member.Id, 0).ToBytes(), _options.AskTimeout);
            return PromiseAnswer.Parse(bytes.Span).Verdict != PromiseVerdict.OtherLife;
        }
        catch (Exception fault) when (fault is TimeoutException or GrainUnavailableException or GrainOverloadedException or RemoteGrainException)
        {
            return false;
        }
    }

    /// <summary>Who may be taken out of a view now; from here on they are promised nothing.</summary>
    private async Task<List<Departure>> DeadInAsync(ClusterView view)
    {
        var silent = view.Members.Where(member => member.Id != _self && _sightings.IsDead(member.Id, out _)).ToArray();
        if (silent.Length == 0 || view.Find(_self) is not { } self)
        {
            return [];
        }

        // Who may be taken out does not wait for the dialling of who may not.
        var ended = silent.Any(member => MayTakeOut(self, member)) ? new bool[silent.Length]
            : await Task.WhenAll(silent.Select(member => _network.IsRefusedAsync(member.Address)));
        var dead = new List<Departure>();
        lock (_lock)
        {
            foreach (var member in silent.Where((member, index) => ended[index] || MayTakeOut(self, member)))
            {
                if (_sightings.IsDead(member.Id, out var beat))
                {
                    _promises.TakeOut(member.Id, view.Version + 1);
                    dead.Add(new Departure(member.Id, beat));
                }
            }
        }

        return dead;
    }

    // Of a silo whose beat has stood still for a lease.
    private bool MayTakeOut(Member self, Member other)
    {
        if (_sightings.IsGone(other.Id) || (_options.StoreOutageMax > TimeSpan.Zero && _sightings.HasStoodFor(other.Id, DeadForCertainAfter)))
        {
            return true;
        }

        lock (_lock)
        {
            var knowsThis = other.Since >= self.Since || Math.Max(_sightings.KnownTo(other.Id), _promises.ShownBy(other.Id)) >= self.Since;
            return knowsThis && !IsStoreJustBack && !_promises.Binds(other.Id);
        }
    }
}
