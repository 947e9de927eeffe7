using Grid.Sessions;

namespace Grid.Residents;

/// <inheritdoc cref="IRegistrationGrain"/>
[GrainType("registration")]
public sealed class RegistrationGrain(TimeProvider time) : CodeHolder<Registration>(time), IRegistrationGrain
{
    /// <inheritdoc/>
    public Task<PrivateText> Open(Registration registration) => Task.FromResult(Hold(registration));

    /// <inheritdoc/>
    public Task<Registration?> Redeem(PrivateText code) => Task.FromResult(Try(code, out var held) ? held : null);
}

/// <inheritdoc cref="IPhoneChangeGrain"/>
[GrainType("phone-change")]
public sealed class PhoneChangeGrain(TimeProvider time) : CodeHolder<string>(time), IPhoneChangeGrain
{
    /// <inheritdoc/>
    public Task<PrivateText> Open(PrivateText phone) => Task.FromResult(Hold(phone.Value));

    /// <inheritdoc/>
    public Task<PrivateText?> Redeem(PrivateText code)
        => Task.FromResult<PrivateText?>(Try(code, out var phone) ? new PrivateText(phone) : default(PrivateText?));
}

/// <summary>
/// Holds something in memory until its one-time code is given. The right code can be given again while it lives: an answer
/// that was lost on its way can be asked for once more.
/// </summary>
public abstract class CodeHolder<T>(TimeProvider time) : Grain
    where T : class
{
    private T? _held;
    private byte[] _digest = [];
    private DateTimeOffset _expiresAt;
    private int _attempts;
    private IGrainTimer? _end;

    /// <summary>Holds it and makes the code.</summary>
    protected PrivateText Hold(T held)
    {
        var code = OneTimeCodes.New();
        (_held, _digest, _attempts) = (held, OneTimeCodes.Digest(this.GetPrimaryKey(), code), 0);
        _expiresAt = time.GetUtcNow() + OneTimeCodes.Life;
        _end?.Dispose();
        _end = this.RegisterGrainTimer(
            static (grain, _) => grain.End(), this, new GrainTimerCreationOptions(OneTimeCodes.Life, Timeout.InfiniteTimeSpan));
        return new PrivateText(code);
    }

    /// <summary>Counts an attempt.</summary>
    protected bool Try(PrivateText code, out T held)
    {
        held = _held!;
        if (_held is null)
        {
            // A made-up id: nothing is kept of it.
            DeactivateOnIdle();
            return false;
        }
        if (_attempts >= OneTimeCodes.AttemptsMax || _expiresAt <= time.GetUtcNow())
            return false;
        if (OneTimeCodes.Matches(_digest, this.GetPrimaryKey(), code.Value))
            return true;
        _attempts++;
        return false;
    }

    private Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
