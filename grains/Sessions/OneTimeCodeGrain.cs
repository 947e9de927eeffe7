using System.Diagnostics.CodeAnalysis;

namespace Grid.Sessions;

/// <summary>
/// Holds a value in memory until a caller presents its one-time code. The correct code works repeatedly while it is
/// valid, so a caller can retry after a lost answer.
/// </summary>
public abstract class OneTimeCodeGrain<T>(TimeProvider time) : Grain
    where T : notnull
{
    private T? _held;
    private bool _isHolding;
    private byte[] _digest = [];
    private DateTimeOffset _expiresAt;
    private int _attempts;
    private IGrainTimer? _expiry;

    /// <summary>Keeps the value, replacing an earlier one, and creates its code.</summary>
    protected PrivateText Hold(T value)
    {
        var code = OneTimeCodes.New();
        (_held, _isHolding) = (value, true);
        (_digest, _attempts) = (OneTimeCodes.Digest(this.GetPrimaryKey(), code), 0);
        _expiresAt = time.GetUtcNow() + OneTimeCodes.Life;
        _expiry?.Dispose();
        var onceAfterLife = new GrainTimerCreationOptions(OneTimeCodes.Life, Timeout.InfiniteTimeSpan);
        _expiry = this.RegisterGrainTimer(static (grain, _) => grain.ExpireAsync(), this, onceAfterLife);
        return new PrivateText(code);
    }

    /// <summary>Checks a code; a wrong one counts as an attempt.</summary>
    protected bool TryRedeem(PrivateText code, [MaybeNullWhen(false)] out T value)
    {
        value = _held!;
        if (!_isHolding)
        {
            // The id is made up: keep no activation for it.
            DeactivateOnIdle();
            return false;
        }
        if (_attempts >= OneTimeCodes.MaxAttempts || _expiresAt <= time.GetUtcNow())
            return false;
        if (OneTimeCodes.Matches(_digest, this.GetPrimaryKey(), code.Value))
            return true;
        _attempts++;
        return false;
    }

    private Task ExpireAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
