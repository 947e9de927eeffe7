namespace Grid.Engine.Cluster;

/// <summary>Joining, renewing the lease, and watching the others.</summary>
public sealed partial class ClusterNode
{
    // Silos that start together meet at the view; each attempt but one moves it on.
    private const int AttemptsMax = 100;

    private async Task JoinAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var view = await _membership.ReadAsync(cancellation) ?? ClusterView.Empty(_store.Units);
            if (view.Units.Length != _store.Units)
            {
                throw new MembershipException($"The cluster has {view.Units.Length} units and this silo's store has {_store.Units}: they do not belong together.");
            }

            // A name for this life; nobody compares it with a time.
            var id = new MemberId(_options.Name, Math.Max(_time.GetUtcNow().ToUnixTimeMilliseconds(), _self.Incarnation + 1));
            await _membership.BeatAsync(id, ++_beat, _options.StoreOutageMax > TimeSpan.Zero ? 0 : Pulse.KnowsAll, cancellation);
            if (view.Members.FirstOrDefault(member => member.Id.Name == _options.Name) is { } earlier)
            {
                view = await WithoutEarlierLifeAsync(view, earlier, cancellation);
            }

            var from = _time.GetTimestamp();
            var self = new Member(id, _options.Address, _options.ProtocolMin, _options.ProtocolMax, MemberState.Active) { Since = view.Version + 1 };
            var next = view.With(self).Settle();
            if (await _membership.TryWriteAsync(next, cancellation))
            {
                LogJoined(_log, id, next.Version, next.Members.Length);
                Accept(next, joined: id);
                Renew(id, from, isFirst: true);
                Push(next);
                return;
            }

            await _membership.ForgetAsync(id, cancellation);
        }

        throw new MembershipException($"The view of the cluster changed {AttemptsMax} times while the silo tried to join.");
    }

    // The process of this name may have been started anew before the others have noticed its end.
    private async Task<ClusterView> WithoutEarlierLifeAsync(ClusterView view, Member earlier, CancellationToken cancellation)
    {
        var sightings = new Sightings(_time, _options.Lease);
        long? first = null;
        while (true)
        {
            var asked = _time.GetTimestamp();
            var pulse = await _membership.ObserveAsync(cancellation);
            var beat = Sightings.BeatOf(pulse, earlier.Id);
            sightings.Add([earlier.Id], pulse, asked);
            var isDead = sightings.IsDead(earlier.Id, out _);
            if ((first ??= beat) != beat || (isDead && await AnswersAsync(earlier)))
            {
                throw new MembershipException($"A living silo of the cluster has the name '{_options.Name}'.");
            }

            if (isDead)
            {
                return view.WithoutDead(earlier.Id, beat);
            }

            await Task.Delay(_options.Beat, _time, cancellation);
        }
    }

    private async Task BeatAsync()
    {
        if (!_isMember)
        {
            return;
        }

        var self = _self;
        var from = _time.GetTimestamp();
        try
        {
            var pulse = await _membership.BeatAsync(self, ++_beat, KnownVersion, _stopping.Token);
            if (pulse.Version > _view.Version)
            {
                await RefreshAsync();
            }

            _isBlind = false;
            Renew(self, from);
            var view = _view;
            _sightings.Add(view.Members.Select(static member => member.Id).Where(id => id != self), pulse, from);
            if (view.Members.Any(member => member.Id != self && _sightings.IsDead(member.Id, out _)))
            {
                _changes.Wake();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
        catch (Exception fault)
        {
            // Once an outage, however long it is.
            if (!_isBlind)
            {
                LogNotRenewed(_log, fault);
            }

            _isBlind = true;
        }
    }

    // After a view was read that is not older than the beat: if this silo is in it, all others hold it to live.
    private void Renew(MemberId self, long from, bool isFirst = false)
    {
        bool wasOpen;
        lock (_lock)
        {
            if (!_isMember || self != _self)
            {
                return;
            }

            StoreSeen(from, isFirst);
            wasOpen = _gate.IsOpen;
            _gate.OpenUntil(LeaseEnd(from));
        }

        if (!wasOpen && !isFirst)
        {
            Interlocked.Increment(ref _leasesLost);
            LogResumed(_log);
            _router.LetOut();
        }
    }

    private long LeaseEnd(long from) => from + (long)((_options.Lease - _options.LeaseMargin).TotalSeconds * _time.TimestampFrequency);

    private async Task RefreshAsync()
    {
        if (await _membership.ReadAsync(_stopping.Token) is { } view)
        {
            Accept(view);
        }
    }

    /// <summary>Follows a view, if it is newer than what is known; <paramref name="joined"/> is who has become a member with it.</summary>
    private void Accept(ClusterView view, MemberId? joined = null)
    {
        bool isOut;
        lock (_lock)
        {
            if (joined is { } id)
            {
                // With the view, in one step: by an older one that comes in just now the silo would be no member.
                _self = id;
                _isMember = (view.Version > _view.Version ? view : _view).Find(id) is not null;
            }

            if (view.Version <= _view.Version || view.Units.Length != _units.Length)
            {
                return;
            }

            _view = view;
            _promises.Keep(view);
            var now = _time.GetTimestamp();
            foreach (var gone in view.Departed)
            {
                _departedSince.TryAdd(gone.Id, now);
            }

            isOut = _isMember && view.Find(_self) is null;
            if (isOut)
            {
                _isMember = false;
                _formerLives.Add(_self);
                _gate.Shut();
            }
        }

        if (isOut && !_isLeaving)
        {
            LogTakenOut(_log, _self);
        }

        _router.Follow(view, _isMember ? _self : null);
        Reconcile();
        _changes.Wake();
    }

    private async Task<bool> TryChangeAsync(ClusterView next)
    {
        var before = _view;
        if (!await _membership.TryWriteAsync(next, _stopping.Token))
        {
            await RefreshAsync();
            return false;
        }

        Accept(next);
        Push(next);
        foreach (var gone in before.Departed.Where(gone => !next.Departed.Contains(gone)))
        {
            await _membership.ForgetAsync(gone.Id, _stopping.Token);
        }

        return true;
    }

    private void Push(ClusterView view) => _network.Push((byte)ControlKind.View, view.ToBytes());

    /// <summary>What has to change in the view is changed here, one thing after the other.</summary>
    private async Task ChangeAsync()
    {
        try
        {
            if (_isMember)
            {
                await RemoveDeadAsync();
                await ForgetFormerOwnersAsync();
                await ShowReachAsync();
            }
            else if (!_isLeaving && AllClosed())
            {
                // Nothing of the life before is left, and whoever waits for that may know.
                await _membership.ForgetAsync(_self, _stopping.Token);
                await JoinAsync(_stopping.Token);
                _beats.Wake();
            }

            Reconcile();
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
        catch (Exception fault)
        {
            LogNotChanged(_log, fault);
        }
    }

    private async Task RemoveDeadAsync()
    {
        var view = _view;
        var next = view;
        var dead = await DeadInAsync(view);
        foreach (var departure in dead)
        {
            LogDead(_log, departure.Id, departure.Beat);
            next = next.WithoutDead(departure.Id, departure.Beat);
        }

        var hasOrphans = Enumerable.Range(0, view.Units.Length).Any(unit => view.OwnerOf(unit) is null)
            && view.Members.Any(static member => member.State == MemberState.Active);
        // Of those who see it, one changes the view: a lease that is lost is counted once.
        if ((hasOrphans || dead.Count > 0 || IsChangeOpen(view)) && await TryChangeAsync(next.Settle()))
        {
            Interlocked.Add(ref _leasesLost, dead.Count);
        }
    }

    // A change that takes out somebody who lives may yet stand: another view of the same version keeps it from that.
    private bool IsChangeOpen(ClusterView view)
    {
        lock (_lock)
        {
            return _promises.IsChangeOpen(view);
        }
    }

    // When the units that were taken from a dead silo serve again, nobody needs to know any more whose they were.
    private async Task ForgetFormerOwnersAsync()
    {
        var view = _view;
        var mine = view.Units.Index().Where(unit => unit.Item.Owner == _self && unit.Item.Former is not null).ToArray();
        bool allServe;
        lock (_lock)
        {
            allServe = mine.All(unit => _units[unit.Index].State == UnitState.Open && _units[unit.Index].Epoch == unit.Item.Epoch);
        }

        if (mine.Length > 0 && allServe)
        {
            var units = Array.ConvertAll(view.Units, unit => unit.Owner == _self ? unit with { Former = null } : unit);
            await TryChangeAsync((view with { Units = units }).Settle());
        }
    }

    private async Task LeaveTheViewAsync(CancellationToken cancellation)
    {
        var hasClosed = false;
        while (_isMember)
        {
            cancellation.ThrowIfCancellationRequested();
            var view = _view;
            if (view.Find(_self) is { State: not MemberState.Leaving } self)
            {
                await TryChangeAsync(view.With(self with { State = MemberState.Leaving }).Settle());
                continue;
            }

            var somebodyElse = view.Members.Any(static member => member.State == MemberState.Active);
            if (!hasClosed && somebodyElse && (view.Units.Any(unit => unit.Owner == _self) || !AllClosed()))
            {
                // The hand-overs are under way; each ends with a change of the view.
                Reconcile();
                await Task.Delay(_options.Beat / 10, _time, cancellation);
                continue;
            }

            await CloseAllAsync();
            hasClosed = true;
            if (await TryChangeAsync(view.WithoutLeaver(_self).Settle()))
            {
                await _membership.ForgetAsync(_self, cancellation);
                LogLeft(_log, _self);
                return;
            }
        }
    }
}
