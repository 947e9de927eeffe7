using System.IO.Pipelines;
using System.Text;
using System.Threading.RateLimiting;
using Grid.Gateway.Access;
using Grid.Gateway.Calls;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Json;
using Grid.Gateway.Requests;
using Grid.Gateway.Security;
using Grid.ImportReports;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Grid.Gateway.Imports;

/// <summary>The counts of an import, and a page of its refused lines.</summary>
/// <param name="ImportId">The id of the import.</param>
/// <param name="EndedAt">When the import ended.</param>
/// <param name="Accepted">Lines that added something.</param>
/// <param name="Duplicates">Lines that were stored before.</param>
/// <param name="Conflicts">Lines that contradict stored data.</param>
/// <param name="Rejected">Lines that are invalid.</param>
/// <param name="Kept">The number of refused lines that are stored.</param>
/// <param name="Errors">The refused lines of this page.</param>
/// <param name="Next">The value of <c>after</c> for the next page; null on the last page.</param>
public sealed record ImportPage(
    Guid ImportId,
    DateTimeOffset EndedAt,
    long Accepted,
    long Duplicates,
    long Conflicts,
    long Rejected,
    int Kept,
    IReadOnlyList<LineError> Errors,
    int? Next
);

/// <summary>
/// Runs imports over HTTP: refuses a body that is not lines of text, bounds the open streams per subject and in total,
/// and ends them when the gateway stops, so that no open stream delays the stop. Stores the refused lines for their
/// sender.
/// </summary>
internal sealed class ImportStreams : IDisposable
{
    private const string Csv = "text/csv";
    private const int SniffedBytes = 4;
    private const int PageDefault = 1_000;

    private static readonly TimeSpan TimeToReadAnswer = TimeSpan.FromSeconds(1);

    private static readonly string[] JsonLines =
    [
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/json",
    ];

    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly PartitionedRateLimiter<string> _streams;
    private readonly SecurityEvents _events;
    private readonly IGrainFactory _grains;

    public ImportStreams(
        IOptions<GatewayOptions> options,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        SecurityEvents events,
        IGrainFactory grains
    )
    {
        (_options, _time, _lifetime, _events, _grains) = (options.Value, time, lifetime, events, grains);
        _streams = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<string, string>(subject =>
                Concurrent(subject, _options.StreamsPerSubjectMax)
            ),
            PartitionedRateLimiter.Create<string, string>(_ => Concurrent("", _options.StreamsMax))
        );
    }

    /// <summary>The encoding of a CSV body; null for NDJSON.</summary>
    /// <exception cref="RefusedException">The body is neither CSV nor NDJSON.</exception>
    internal static Encoding? CsvOf(HttpContext context)
    {
        var type = TypeOf(context);
        if (type is null || !type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase))
            return null;
        return Charsets.Of(type)
            ?? throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "CSV must be in UTF-8 or GB 18030.");
    }

    /// <summary>Runs an import to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="parse">Parses and validates a line.</param>
    /// <param name="take">Applies a parsed line.</param>
    /// <param name="csv">Whether the body is CSV; the caller has read its encoding with <see cref="CsvOf"/>.</param>
    internal async Task<ImportAnswer> RunAsync<T>(
        HttpContext context,
        Func<ReadOnlyMemory<byte>, T> parse,
        Func<T, ValueTask<LineOutcome>> take,
        bool csv = false
    )
    {
        if (!csv)
            CheckJsonLines(context);
        if (JsonBody.IsEncoded(context.Request))
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "A stream must be uncompressed.");
        using var place = _streams.AttemptAcquire(SubjectOf(context));
        if (!place.IsAcquired)
        {
            _events.Count(SecurityEvent.StreamsLimited);
            throw new RefusedException(
                ErrorCodes.RateLimited,
                $"A subject may have up to {_options.StreamsPerSubjectMax} open streams."
            );
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            _lifetime.ApplicationStopping
        );
        try
        {
            await RefuseCompressedAsync(context.Request.BodyReader, stop.Token);
            var import = new LineImport(_options.LineBytesMax, _options.ImportInFlightMax, _time, csv);
            var answer = await import.RunAsync(context.Request.BodyReader, parse, take, stop.Token);
            return import.Errors.Count == 0
                ? answer
                : answer with
                {
                    ImportId = await KeepAsync(context, answer, import.Errors),
                };
        }
        catch (OperationCanceledException) when (_lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Kestrel would wait for the rest of the body until the host's own time-out. Give the sender one second to
            // read the answer.
            context.Response.OnCompleted(async () =>
            {
                await Task.Delay(TimeToReadAnswer, _time);
                context.Abort();
            });
            throw new RefusedException(ErrorCodes.Stopping);
        }
    }

    /// <summary>An import of the same caller, with the refused lines after a line number.</summary>
    internal static async Task<Results<Ok<ImportPage>, Refusal>> FindAsync(
        Guid importId,
        int? after,
        int? limit,
        HttpContext context,
        IGrainFactory grains
    )
    {
        var from = Fields.Number(after ?? 0, "after", 0, int.MaxValue);
        var count = Fields.Number(limit ?? PageDefault, "limit", 1, LineErrors.MaxLines);
        if (await ReportsOf(context, grains).Find(importId) is not { } report)
            return new Refusal(ErrorCodes.NotFound);
        var errors = LineErrors.Page(report, from, count);
        int? next = errors.Length > 0 && errors[^1].Line < report.Lines[^1] ? errors[^1].Line : null;
        var counts = report.Counts;
        return TypedResults.Ok(
            new ImportPage(
                importId,
                report.EndedAt,
                counts.Accepted,
                counts.Duplicates,
                counts.Conflicts,
                counts.Rejected,
                report.Lines.Length,
                errors,
                next
            )
        );
    }

    public void Dispose() => _streams.Dispose();

    private async Task<Guid> KeepAsync(HttpContext context, ImportAnswer answer, LineErrors errors)
    {
        var importId = Guid.NewGuid();
        var counts = new ImportCounts(answer.Accepted, answer.Duplicates, answer.Conflicts, answer.Rejected);
        RequestDeadline.Restart();
        await ReportsOf(context, _grains).Keep(errors.ReportOf(importId, _time.GetUtcNow(), counts));
        return importId;
    }

    private static IImportReportsGrain ReportsOf(HttpContext context, IGrainFactory grains) =>
        grains.GetGrain<IImportReportsGrain>(SubjectOf(context));

    private static void CheckJsonLines(HttpContext context)
    {
        if (TypeOf(context) is not { } type)
            return;
        if (!JsonLines.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
            throw new RefusedException(
                ErrorCodes.MediaTypeUnsupported,
                "This call requires application/x-ndjson: one JSON object per line."
            );
        if (!Charsets.IsUtf8(type))
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "JSON must be in UTF-8.");
    }

    private static MediaTypeHeaderValue? TypeOf(HttpContext context)
    {
        if (string.IsNullOrEmpty(context.Request.ContentType))
            return null;
        return MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            ? type
            : throw new RefusedException(ErrorCodes.MediaTypeUnsupported);
    }

    // Detects a compressed file sent under a text type: its first bytes are invalid in every supported encoding.
    private static async Task RefuseCompressedAsync(PipeReader body, CancellationToken cancellation)
    {
        var read = await body.ReadAtLeastAsync(SniffedBytes, cancellation);
        var head = new byte[SniffedBytes];
        var start = read.Buffer.Slice(0, Math.Min(SniffedBytes, read.Buffer.Length));
        System.Buffers.BuffersExtensions.CopyTo(start, head);
        body.AdvanceTo(read.Buffer.Start);
        if (head is [0x1F, 0x8B, ..] or [(byte)'P', (byte)'K', 3, 4])
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported, "A stream must be uncompressed.");
    }

    private static RateLimitPartition<string> Concurrent(string key, int maxCount) =>
        RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = maxCount,
            QueueLimit = 0,
        });

    private static string SubjectOf(HttpContext context)
    {
        ref readonly var caller = ref context.CheckedCaller();
        return $"{(int)caller.Role}:{caller.Subject}";
    }
}
