using Grid.Gateway.Json;
using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>
/// The notifier of development: a line in <c>&lt;data&gt;/notifications/yyyymmdd.ndjson</c>, with the phone masked, for
/// whoever tries the grid without an SMS gateway. The folder is for its owner only, and a day's file is bounded.
/// </summary>
internal sealed class FolderNotifier(string dataFolder) : INotifier, IDisposable
{
    /// <summary>A day's file at the most; what comes after is not written.</summary>
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
