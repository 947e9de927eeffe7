namespace Grid.Engine.Cluster;

/// <summary>Opening units, handing them over, losing them.</summary>
public sealed partial class ClusterNode
{
    private static readonly TimeSpan s_openAgainAfter = TimeSpan.FromMilliseconds(100);

    private bool AllClosed()
    {
        lock (_lock)
        {
            return _units.All(static unit => unit.State == UnitState.Closed);
        }
    }

    /// <summary>Begins whatever separates what is open here from what the view says.</summary>
    private void Reconcile()
    {
        var begin = new List<Func<Task>>();
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            var view = _view;
            foreach (var unit in _units)
            {
                var owner = view.Units[unit.Number];
                var isMine = _isMember && owner.Owner == _self;
                if (unit.State == UnitState.Closed && isMine)
                {
                    unit.State = UnitState.Opening;
                    unit.Epoch = owner.Epoch;
                    begin.Add(() => OpenAsync(unit, owner));
                }
                else if (unit.State == UnitState.Open && (!isMine || owner.Epoch != unit.Epoch))
                {
                    unit.State = UnitState.Losing;
                    begin.Add(() => LoseAsync(unit));
                }
            }

            // Without the store a hand-over would begin and not end.
            if (_isMember && _gate.IsOpen && HasStore)
            {
                HandOverWhatIsOthers(view, begin);
            }
        }

        begin.ForEach(static task => _ = task());
    }

    // A few at a time: each is between two silos for a moment.
    private void HandOverWhatIsOthers(ClusterView view, List<Func<Task>> begin)
    {
        var free = _options.HandOversMax - _units.Count(static unit => unit.State == UnitState.HandingOver);
        if (free <= 0 || !_units.Any(static unit => unit.State == UnitState.Open))
        {
            return;
        }

        var targets = PartitionMap.Assign(view);
        foreach (var unit in _units.Where(unit => unit.State == UnitState.Open && targets[unit.Number] is { } target && target != _self).Take(free))
        {
            unit.State = UnitState.HandingOver;
            begin.Add(() => HandOverAsync(unit));
        }
    }

    private async Task OpenAsync(OwnUnit unit, UnitOwner owner)
    {
        _router.Set(unit.Number, UnitDoor.Waiting);
        var isOpen = false;
        try
        {
            if (owner.Former is { } former)
            {
                await UntilOverAsync(former);
            }

            await _store.OpenAsync(unit.Number, owner.Epoch, _stopping.Token);
            isOpen = true;
        }
        catch (EpochFencedException fenced)
        {
            LogFencedAtOpening(_log, unit.Number, owner.Epoch, fenced.Stored);
            await RaiseEpochAsync(unit.Number, owner, fenced.Stored);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault)
        {
            LogNotOpened(_log, unit.Number, fault);
            await EndFormerAsync(owner);
            await PauseAsync(s_openAgainAfter);
        }

        if (isOpen && StillMine(unit))
        {
            _engine.Partitions.Open(unit.FirstPartition, unit.Partitions);
            Serve(unit);
            return;
        }

        if (isOpen)
        {
            await _store.CloseAsync(unit.Number);
        }

        Closed(unit);
    }

    private void Serve(OwnUnit unit)
    {
        CancellationToken owned;
        lock (_lock)
        {
            unit.Owned = new CancellationTokenSource();
            owned = unit.Owned.Token;
            unit.State = UnitState.Open;
        }

        _router.Set(unit.Number, UnitDoor.Open);
        LogServes(_log, unit.Number, unit.Epoch);
        unit.Tenants = Task.WhenAll(_tenants.Select(tenant => RunAsync(tenant, unit, owned)));
        // The view may have moved on in between.
        Reconcile();
        _changes.Wake();
    }

    private async Task RunAsync(IUnitTenant tenant, OwnUnit unit, CancellationToken owned)
    {
        try
        {
            await tenant.RunAsync(unit.Number, unit.FirstPartition, unit.Partitions, owned);
        }
        catch (OperationCanceledException) when (owned.IsCancellationRequested)
        {
            // The unit goes.
        }
        catch (Exception fault)
        {
            LogTenantFailed(_log, tenant.GetType().Name, unit.Number, fault);
        }
    }

    private bool StillMine(OwnUnit unit)
    {
        lock (_lock)
        {
            var owner = _view.Units[unit.Number];
            return _isMember && owner.Owner == _self && owner.Epoch == unit.Epoch && !_stopping.IsCancellationRequested;
        }
    }

    private void Closed(OwnUnit unit)
    {
        // In this order: as soon as it is closed it may be opened again.
        _router.Set(unit.Number, UnitDoor.Elsewhere);
        lock (_lock)
        {
            unit.State = UnitState.Closed;
        }

        Reconcile();
        _changes.Wake();
    }

    // Returns when a silo that was taken out can't answer for its units any more.
    private async Task UntilOverAsync(MemberId former)
    {
        long since;
        Departure? departure;
        lock (_lock)
        {
            if (_formerLives.Contains(former))
            {
                return;
            }

            departure = _view.Departed.FirstOrDefault(gone => gone.Id == former);
            since = _departedSince.GetValueOrDefault(former, _time.GetTimestamp());
        }

        if (departure is null || await HasStoodStillAsync(departure))
        {
            return;
        }

        LogWaitsForLease(_log, former);
        await Task.Delay(Positive(_options.Lease - _time.GetElapsedTime(since)), _time, _stopping.Token);
    }

    // A silo that was frozen in the middle of a commit holds the lock of its file for as long as it is frozen, and the file with it. Where
    // the store can, it ends such a process: it is no member any more, and the next owner can't wait.
    private async Task EndFormerAsync(UnitOwner owner)
    {
        try
        {
            if (owner.Former is { } former && !_formerLives.Contains(former)
                && _view.Departed.FirstOrDefault(gone => gone.Id == former) is { } departure
                && await HasStoodStillAsync(departure) && await _membership.EndAsync(former, _stopping.Token))
            {
                LogEnded(_log, former);
            }
        }
        catch (Exception fault) when (fault is MembershipException or OperationCanceledException)
        {
            LogNotChanged(_log, fault);
        }
    }

    private async Task<bool> HasStoodStillAsync(Departure departure)
    {
        try
        {
            var pulse = await _membership.ObserveAsync(_stopping.Token);
            return pulse.Gone.Contains(departure.Id) || !pulse.Beats.TryGetValue(departure.Id, out var beat) || beat == departure.Beat;
        }
        catch (MembershipException)
        {
            return false;
        }
    }

    // The store knows a newer epoch than the view: the view was lost with the machine. Its owner goes beyond what the store has.
    private async Task RaiseEpochAsync(int unit, UnitOwner owner, long stored)
    {
        try
        {
            await RefreshAsync();
            var view = _view;
            if (view.Units[unit] == owner)
            {
                var units = view.Units.ToArray();
                units[unit] = owner with { Epoch = stored + 1 };
                await TryChangeAsync((view with { Units = units }).Settle());
            }
        }
        catch (Exception fault) when (fault is MembershipException or OperationCanceledException)
        {
            LogNotChanged(_log, fault);
            await PauseAsync(s_openAgainAfter);
        }
    }

    private async Task HandOverAsync(OwnUnit unit)
    {
        var from = _time.GetTimestamp();
        await EmptyAsync(unit);
        var isUnknown = false;
        while (StillMine(unit))
        {
            try
            {
                if (isUnknown)
                {
                    // The unit may be another's already, who serves: it can't be opened here before that is known.
                    await RefreshAsync();
                    isUnknown = false;
                    continue;
                }

                var view = _view;
                if (PartitionMap.Assign(view)[unit.Number] is not { } target || target == _self)
                {
                    // Who was to have it is gone meanwhile; it is opened here again.
                    break;
                }

                isUnknown = true;
                if (await TryChangeAsync(view.Give(unit.Number, target).Settle()))
                {
                    _metrics?.HandedOver(_time.GetElapsedTime(from));
                    LogHandedOver(_log, unit.Number, target, _time.GetElapsedTime(from).TotalMilliseconds);
                }

                isUnknown = false;
            }
            catch (Exception fault) when (fault is MembershipException or OperationCanceledException)
            {
                LogNotChanged(_log, fault);
                await PauseAsync(s_openAgainAfter);
            }
        }

        Closed(unit);
    }

    // Lets what goes on in a unit end, and closes it.
    private async Task EmptyAsync(OwnUnit unit)
    {
        _router.Set(unit.Number, UnitDoor.Draining);
        unit.Owned?.Cancel();
        using (var limit = new CancellationTokenSource(_options.DrainTimeout, _time))
        {
            await _engine.Partitions.CloseAsync(unit.FirstPartition, unit.Partitions, limit.Token);
            _router.Set(unit.Number, UnitDoor.Waiting);
            await EndOfTenantsAsync(unit, limit.Token);
        }

        await _store.CloseAsync(unit.Number);
    }

    private static async Task EndOfTenantsAsync(OwnUnit unit, CancellationToken limit)
    {
        try
        {
            await unit.Tenants.WaitAsync(limit);
        }
        catch (OperationCanceledException)
        {
            // It meets the closed store.
        }
    }

    private async Task LoseAsync(OwnUnit unit)
    {
        _router.Set(unit.Number, UnitDoor.Elsewhere);
        unit.Owned?.Cancel();
        var abandoned = _engine.Partitions.Drop(unit.FirstPartition, unit.Partitions);
        LogLost(_log, unit.Number, unit.Epoch, abandoned);
        await _store.CloseAsync(unit.Number);
        Closed(unit);
    }

    private async Task CloseAllAsync()
    {
        OwnUnit[] open;
        lock (_lock)
        {
            open = [.. _units.Where(static unit => unit.State == UnitState.Open)];
            foreach (var unit in open)
            {
                unit.State = UnitState.HandingOver;
            }
        }

        // They stay as they are: as closed ones they would be opened again, being ours until the view is changed.
        await Task.WhenAll(open.Select(EmptyAsync));
    }

    private void OnFenced(int number)
    {
        var unit = _units[number];
        lock (_lock)
        {
            if (unit.State != UnitState.Open)
            {
                return;
            }

            unit.State = UnitState.Losing;
        }

        LogFenced(_log, number, unit.Epoch);
        _ = LoseAsync(unit);
        _beats.Wake();
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
