using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>Brings messages to phones. A city puts its SMS gateway here.</summary>
public interface INotifier
{
    /// <summary>Sends a code; returns when the message was handed over. May throw: the code then lapses by itself.</summary>
    Task SendAsync(OneTimeCode message, CancellationToken cancellation);

    /// <summary>Sends a notice; returns when the message was handed over.</summary>
    Task SendAsync(Notice message, CancellationToken cancellation);
}

/// <summary>What a one-time code is for.</summary>
public enum CodePurpose
{
    /// <summary>To sign in; the id is the resident's.</summary>
    SignIn,

    /// <summary>To confirm a registration; the id is the registration's.</summary>
    Registration,

    /// <summary>To confirm a new phone; the id is the resident's.</summary>
    PhoneChange,
}

/// <summary>A one-time code on its way.</summary>
/// <param name="Purpose">What for.</param>
/// <param name="Id">Of what, see <see cref="CodePurpose"/>.</param>
/// <param name="Phone">The phone; <see cref="PhoneNumber.Reveal"/> gives its eleven digits.</param>
/// <param name="Code">Six digits.</param>
/// <param name="At">When it was made.</param>
public sealed record OneTimeCode(CodePurpose Purpose, Guid Id, PhoneNumber Phone, string Code, DateTimeOffset At)
{
    /// <summary>Says neither the phone nor the code.</summary>
    public override string ToString() => nameof(OneTimeCode);
}

/// <summary>What a notice says.</summary>
public enum NoticeKind
{
    /// <summary>Somebody asked to register the person, who is registered: sign in instead, or ignore it.</summary>
    AlreadyRegistered,

    /// <summary>The phone was changed to another one; this goes to the former one.</summary>
    PhoneChanged,
}

/// <summary>A message without a code.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="ResidentId">Whom it concerns.</param>
/// <param name="Phone">The phone; <see cref="PhoneNumber.Reveal"/> gives its eleven digits.</param>
/// <param name="At">When it was made.</param>
public sealed record Notice(NoticeKind Kind, Guid ResidentId, PhoneNumber Phone, DateTimeOffset At)
{
    /// <summary>Does not say the phone.</summary>
    public override string ToString() => nameof(Notice);
}
