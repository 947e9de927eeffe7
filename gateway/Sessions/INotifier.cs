namespace Grid.Gateway.Sessions;

/// <summary>Brings a one-time code to a phone. A city puts its SMS gateway here.</summary>
public interface INotifier
{
    /// <summary>Sends; returns when the message was handed over. May throw: the challenge then lapses by itself.</summary>
    Task SendAsync(OneTimeCode message, CancellationToken cancellation);
}

/// <summary>A one-time code on its way.</summary>
/// <param name="ResidentId">Whose.</param>
/// <param name="Phone">Eleven digits.</param>
/// <param name="Code">Six digits.</param>
/// <param name="At">When it was made.</param>
public sealed record OneTimeCode(Guid ResidentId, string Phone, string Code, DateTimeOffset At)
{
    /// <summary>Says neither the phone nor the code.</summary>
    public override string ToString() => nameof(OneTimeCode);
}
