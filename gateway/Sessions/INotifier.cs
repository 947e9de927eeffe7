using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>Sends messages to phones. A city connects its SMS gateway here.</summary>
public interface INotifier
{
    /// <summary>Sends a code; completes at hand-over. If it throws, the code expires unused.</summary>
    Task SendAsync(OneTimeCode message, CancellationToken cancellation);

    /// <summary>Sends a notice; completes at hand-over.</summary>
    Task SendAsync(Notice message, CancellationToken cancellation);
}

/// <summary>The purpose of a one-time code.</summary>
public enum CodePurpose
{
    /// <summary>Signs in; the id is the resident's.</summary>
    SignIn,

    /// <summary>Confirms a registration; the id is the registration's.</summary>
    Registration,

    /// <summary>Confirms a new phone; the id is the resident's.</summary>
    PhoneChange,
}

/// <summary>A one-time code to send.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Id">The id of the resident or registration, see <see cref="CodePurpose"/>.</param>
/// <param name="Phone">The phone; <see cref="PhoneNumber.Reveal"/> returns its eleven digits.</param>
/// <param name="Code">Six digits.</param>
/// <param name="At">When the code was made.</param>
public sealed record OneTimeCode(CodePurpose Purpose, Guid Id, PhoneNumber Phone, string Code, DateTimeOffset At)
{
    /// <summary>Hides the phone and the code from logs.</summary>
    public override string ToString() => nameof(OneTimeCode);
}

/// <summary>The content of a notice.</summary>
public enum NoticeKind
{
    /// <summary>A registration was requested for a resident who is registered already: sign in, or ignore it.</summary>
    AlreadyRegistered,

    /// <summary>The phone was changed; the notice goes to the former phone.</summary>
    PhoneChanged,
}

/// <summary>A message without a code.</summary>
/// <param name="Kind">The content.</param>
/// <param name="ResidentId">The resident.</param>
/// <param name="Phone">The phone; <see cref="PhoneNumber.Reveal"/> returns its eleven digits.</param>
/// <param name="At">When the notice was made.</param>
public sealed record Notice(NoticeKind Kind, Guid ResidentId, PhoneNumber Phone, DateTimeOffset At)
{
    /// <summary>Hides the phone from logs.</summary>
    public override string ToString() => nameof(Notice);
}
