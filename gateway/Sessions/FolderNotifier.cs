using Grid.Gateway.Http;
using Grid.Residents;

namespace Grid.Gateway.Sessions;

/// <summary>
/// The notifier of development: a line in <c>&lt;data&gt;/notifications/yyyymmdd.ndjson</c>, with the phone masked, for
/// whoever tries the grid without an SMS gateway. The folder is for its owner only, and a day's file is bounded.
/// </summary>
internal sealed class FolderNotifier(string dataFolder) : INotifier, IDisposable
{
    /// <summary>A day's file at the most; what comes after is not written.</summary>
    internal const long FileBytesMax = 64L << 20;

    private const int LineBytesMax = 256;

    private readonly string _folder = Path.Combine(dataFolder, "notifications");
    private readonly SemaphoreSlim _gate = new(1);

    public async Task SendAsync(OneTimeCode message, CancellationToken cancellation)
    {
        var line = Line(message);
        await _gate.WaitAsync(cancellation);
        try
        {
            await using var file = Open(message.At);
            if (file.Length < FileBytesMax)
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
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(Path.Combine(_folder, $"{CivilDay.Of(at):yyyyMMdd}.ndjson"), options);
    }

    private static byte[] Line(OneTimeCode message)
    {
        var masked = PhoneNumber.TryParse(message.Phone, out var phone) ? phone.ToString() : "";
        var json = new JsonText(stackalloc byte[LineBytesMax]);
        json.Raw("{\"at\":"u8);
        json.Time(message.At);
        json.Raw(",\"residentId\":\""u8);
        json.Guid(message.ResidentId);
        json.Raw("\",\"to\":\""u8);
        json.Text(masked);
        json.Raw("\",\"code\":\""u8);
        json.Text(message.Code);
        json.Raw("\"}\n"u8);
        return json.Written.ToArray();
    }
}
