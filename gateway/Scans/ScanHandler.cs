using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Grid.Gateway.Errors;
using Grid.Gateway.Json;
using Grid.Gateway.Metrics;
using Grid.Gateway.Tokens;
using Grid.Scans;

namespace Grid.Gateway.Scans;

/// <summary><c>POST /v1/scans</c>: admits or refuses; records once per scan id, before it answers.</summary>
internal sealed class ScanHandler(ScanReader reader, ScanService scans, SharedIds ids, HotCounters counters)
{
    /// <summary>Largest body of a single scan, in bytes.</summary>
    internal const int BodyBytesMax = 4096;

    private const string JsonType = "application/json; charset=utf-8";

    internal Task HandleAsync(HttpContext context, in Caller caller)
    {
        if (!JsonBody.IsJson(context.Request))
            return Problems.WriteAsync(context, ErrorCodes.MediaTypeUnsupported);
        var body = context.Request.BodyReader;
        var device = ids.Of(caller.SubjectBytesUtf8);
        var venueId = ids.Of(caller.VenueIdUtf8);
        var read = body.ReadAsync(context.RequestAborted);
        return read.IsCompletedSuccessfully && read.Result is { IsCompleted: true } whole
            ? ScanAsync(context, Take(body, whole), device, venueId)
            : ScanLaterAsync(context, read, body, device, venueId);
    }

    private async Task ScanLaterAsync(
        HttpContext context,
        ValueTask<ReadResult> pending,
        PipeReader body,
        string device,
        string venueId
    )
    {
        var read = await pending;
        while (!read.IsCompleted)
        {
            if (read.Buffer.Length > BodyBytesMax)
                break;
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(context.RequestAborted);
        }
        await ScanAsync(context, Take(body, read), device, venueId);
    }

    private ScanRequest Take(PipeReader body, in ReadResult read)
    {
        try
        {
            if (read.Buffer.Length > BodyBytesMax)
                throw new RefusedException(ErrorCodes.BodyTooLarge);
            var text = ByteOrderMark.Skip(read.Buffer);
            var json = text.IsSingleSegment ? new Utf8JsonReader(text.FirstSpan) : new Utf8JsonReader(text);
            json.Read();
            var scan = reader.Read(ref json);
            return json.Read() ? throw new RefusedException(ErrorCodes.JsonInvalid) : scan;
        }
        finally
        {
            body.AdvanceTo(read.Buffer.End);
        }
    }

    private async Task ScanAsync(HttpContext context, ScanRequest scan, string device, string venueId)
    {
        if (!ReferenceEquals(scan.VenueId, venueId) && scan.VenueId != venueId)
        {
            await Problems.WriteAsync(context, ErrorCodes.VenueForbidden);
            return;
        }
        if (await scans.VenueAsync(scan.VenueId) is not { } venue)
        {
            await Problems.WriteAsync(context, ErrorCodes.VenueUnknown);
            return;
        }
        await AnswerAsync(context, scan.ScanId, await scans.ScanAsync(scan, venue, device));
    }

    /// <summary>Answers with the recorded visit. Check-ins use it too.</summary>
    internal Task AnswerAsync(HttpContext context, string scanId, in VisitReceipt receipt)
    {
        counters.Scan(
            receipt.Status,
            receipt.Status != VisitStatus.Conflict && receipt.Visit.Reasons == RefusalReasons.None
        );
        if (receipt.Status == VisitStatus.Conflict)
            return Problems.WriteAsync(context, ErrorCodes.ScanConflict);
        var response = context.Response;
        var writer = response.BodyWriter;
        var json = new JsonText(writer.GetSpan(ScanJson.MaxOutcomeBytes));
        ScanJson.Write(ref json, scanId, receipt.Visit);
        writer.Advance(json.Written.Length);
        response.ContentLength = json.Written.Length;
        response.Headers.ContentType = JsonType;
        return writer.FlushAsync().AsTask();
    }
}
