using System.IO.Pipelines;
using System.Text;
using System.Threading.RateLimiting;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Security;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Http;

/// <summary>
/// Runs imports over HTTP: refuses a body that is not lines of text, bounds the streams of one subject and of all, and ends
/// them when the gateway stops, so that no open stream delays a stop.
/// </summary>
internal sealed class Imports : IDisposable
{
    private const string Csv = "text/csv";
    private const int SniffedBytes = 4;

    private static readonly TimeSpan TimeToReadAnswer = TimeSpan.FromSeconds(1);

    private static readonly string[] JsonLines = ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/json"];

    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly PartitionedRateLimiter<string> _streams;
    private readonly SecurityEvents _events;

    public Imports(IOptions<GatewayOptions> options, TimeProvider time, IHostApplicationLifetime lifetime, SecurityEvents events)
    {
        (_options, _time, _lifetime, _events) = (options.Value, time, lifetime, events);
        _streams = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<string, string>(subject => Concurrent(subject, _options.StreamsPerSubjectMax)),
            PartitionedRateLimiter.Create<string, string>(_ => Concurrent("", _options.StreamsMax)));
    }

    /// <summary>The encoding of a CSV body; null for lines of JSON.</summary>
    /// <exception cref="RefusedException">The body is neither.</exception>
    internal static Encoding? CsvOf(HttpContext context)
    {
        var type = TypeOf(context);
        if (type is null || !type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase))
            return null;
        return Charsets.Find(type.Charset.Value)
            ?? throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "CSV is read in UTF-8 or GB 18030.");
    }

    /// <summary>Runs an import to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="parse">Reads and checks a line.</param>
    /// <param name="take">Takes in what was read.</param>
    /// <param name="csv">Whether the body is CSV; the caller has read its encoding by <see cref="CsvOf"/>.</param>
    internal async Task<ImportAnswer> RunAsync<T>(
        HttpContext context, Func<ReadOnlyMemory<byte>, T> parse, Func<T, ValueTask<LineOutcome>> take, bool csv = false)
    {
        if (!csv)
            CheckJsonLines(context);
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "A stream is sent uncompressed.");
        using var place = _streams.AttemptAcquire(SubjectOf(context));
        if (!place.IsAcquired)
        {
            _events.Count(SecurityEvent.StreamsLimited);
            throw new RefusedException(ErrorCodes.RateLimited, $"{_options.StreamsPerSubjectMax} streams of one subject are taken at once.");
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _lifetime.ApplicationStopping);
        try
        {
            await RefuseCompressedAsync(context.Request.BodyReader, stop.Token);
            var import = new LineImport(_options.LineBytesMax, _options.ImportInFlightMax, _time, csv);
            return await import.RunAsync(context.Request.BodyReader, parse, take, stop.Token);
        }
        catch (OperationCanceledException) when (_lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Kestrel would wait for the rest of the body until the host's own time-out. The sender has a second to read why.
            context.Response.OnCompleted(async () =>
            {
                await Task.Delay(TimeToReadAnswer, _time);
                context.Abort();
            });
            throw new RefusedException(ErrorCodes.Stopping);
        }
    }

    public void Dispose() => _streams.Dispose();

    private static void CheckJsonLines(HttpContext context)
    {
        if (TypeOf(context) is not { } type)
            return;
        if (!JsonLines.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "This call takes application/x-ndjson: one JSON object a line.");
        if (!Charsets.IsUtf8(type.Charset.Value))
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "JSON is sent in UTF-8.");
    }

    private static MediaTypeHeaderValue? TypeOf(HttpContext context)
    {
        if (string.IsNullOrEmpty(context.Request.ContentType))
            return null;
        return MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            ? type
            : throw new RefusedException(ErrorCodes.MediaTypeUnsupported);
    }

    // A compressed file under a type of text: its first bytes are no text in any encoding that is read here.
    private static async Task RefuseCompressedAsync(PipeReader body, CancellationToken cancellation)
    {
        var read = await body.ReadAtLeastAsync(SniffedBytes, cancellation);
        var head = new byte[SniffedBytes];
        var start = read.Buffer.Slice(0, Math.Min(SniffedBytes, read.Buffer.Length));
        System.Buffers.BuffersExtensions.CopyTo(start, head);
        body.AdvanceTo(read.Buffer.Start);
        if (head is [0x1F, 0x8B, ..] or [(byte)'P', (byte)'K', 3, 4])
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "A stream is sent uncompressed.");
    }

    private static RateLimitPartition<string> Concurrent(string key, int countMax) => RateLimitPartition.GetConcurrencyLimiter(
        key, _ => new ConcurrencyLimiterOptions { PermitLimit = countMax, QueueLimit = 0 });

    private static string SubjectOf(HttpContext context)
    {
        ref readonly var caller = ref context.CheckedCaller();
        return $"{(int)caller.Role}:{caller.Subject}";
    }
}
