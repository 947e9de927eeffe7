using Grid.Gateway.Json;
using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>
/// The notifier for development: writes a line with a masked phone to
/// <c>&lt;data&gt;/notifications/yyyymmdd.ndjson</c>, so that the grid runs without an SMS gateway. Only the owner may
/// read the folder, and a day's file is bounded.
/// </summary>
internal sealed class FolderNotifier(string dataFolder) : INotifier, IDisposable
{
    /// <summary>Largest file of a day, in bytes; later messages are dropped.</summary>
    internal const long MaxFileBytes = 64L << 20;

    private const int LineBytesMax = 256;

    private readonly string _folder = Path.Combine(dataFolder, "notifications");
    private readonly SemaphoreSlim _gate = new(1);

    public Task SendAsync(OneTimeCode message, CancellationToken cancellation) =>
        WriteAsync(Line(message), message.At, cancellation);

    public Task SendAsync(Notice message, CancellationToken cancellation) =>
        WriteAsync(Line(message), message.At, cancellation);

    private async Task WriteAsync(byte[] line, DateTimeOffset at, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            await using var file = Open(at);
            if (file.Length < MaxFileBytes)
                await file.WriteAsync(line, cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private FileStream Open(DateTimeOffset at)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
        };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            Directory.CreateDirectory(
                _folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(Path.Combine(_folder, $"{CivilDay.Of(at):yyyyMMdd}.ndjson"), options);
    }

    private static byte[] Line(OneTimeCode message)
    {
        var json = new JsonText(stackalloc byte[LineBytesMax]);
        var id = message.Purpose == CodePurpose.Registration ? "registrationId" : "residentId";
        Head(ref json, message.At, id, message.Id, message.Phone);
        json.Raw(",\"code\":\""u8);
        json.Text(message.Code);
        json.Raw("\"}\n"u8);
        return json.Written.ToArray();
    }

    private static byte[] Line(Notice message)
    {
        var json = new JsonText(stackalloc byte[LineBytesMax]);
        Head(ref json, message.At, "residentId", message.ResidentId, message.Phone);
        json.Raw(",\"notice\":\""u8);
        json.Text(message.Kind == NoticeKind.PhoneChanged ? "phone-changed" : "already-registered");
        json.Raw("\"}\n"u8);
        return json.Written.ToArray();
    }

    private static void Head(ref JsonText json, DateTimeOffset at, string idName, Guid id, PhoneNumber phone)
    {
        json.Raw("{\"at\":"u8);
        json.Time(at);
        json.Raw(",\""u8);
        json.Text(idName);
        json.Raw("\":\""u8);
        json.Guid(id);
        json.Raw("\",\"to\":\""u8);
        json.Text(phone.Masked);
        json.Raw("\""u8);
    }
}
