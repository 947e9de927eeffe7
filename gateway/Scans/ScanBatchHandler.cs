using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Json;
using Grid.Gateway.Metrics;
using Grid.Gateway.Tokens;
using Grid.Scans;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Scans;

/// <summary><c>POST /v1/scans/batch</c>: up to 500 scans; each has its own outcome, one commit writes all.</summary>
internal sealed class ScanBatchHandler(
    ScanReader reader,
    ScanService scans,
    SharedIds ids,
    HotCounters counters,
    IOptions<GatewayOptions> options
)
{
    private const string JsonType = "application/json; charset=utf-8";

    /// <summary>One scan of the batch while it is processed.</summary>
    private struct Entry
    {
        internal string? ScanId;
        internal ScanRequest Request;
        internal ErrorCode? Error;
        internal VisitReceipt Receipt;
    }

    internal async Task HandleAsync(HttpContext context, Caller caller)
    {
        if (!JsonBody.IsJson(context.Request))
            throw new RefusedException(ErrorCodes.MediaTypeUnsupported);
        var device = ids.Of(caller.SubjectBytesUtf8);
        var venueId = ids.Of(caller.VenueIdUtf8);
        var body = context.Request.BodyReader;
        ReadResult read;
        while (!(read = await body.ReadAsync(context.RequestAborted)).IsCompleted)
        {
            if (read.Buffer.Length > options.Value.BatchBytesMax)
                break;
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
        var entries = ArrayPool<Entry>.Shared.Rent(VisitShards.MaxBatch);
        try
        {
            var count = Take(body, read.Buffer, entries);
            await ScanAsync(entries, count, venueId, device);
            await AnswerAsync(context.Response, entries, count);
        }
        finally
        {
            ArrayPool<Entry>.Shared.Return(entries, clearArray: true);
        }
    }

    private int Take(PipeReader body, ReadOnlySequence<byte> bytes, Entry[] entries)
    {
        try
        {
            return Parse(bytes, entries);
        }
        finally
        {
            body.AdvanceTo(bytes.End);
        }
    }

    private int Parse(in ReadOnlySequence<byte> body, Entry[] entries)
    {
        if (body.Length > options.Value.BatchBytesMax)
            throw new RefusedException(ErrorCodes.BodyTooLarge);
        var text = ByteOrderMark.Skip(body);
        var json = text.IsSingleSegment ? new Utf8JsonReader(text.FirstSpan) : new Utf8JsonReader(text);
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
            throw new RefusedException(ErrorCodes.JsonInvalid, "A batch is an array of scans.");
        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (count == VisitShards.MaxBatch)
                throw new RefusedException(
                    ErrorCodes.BatchTooLarge,
                    $"A batch has up to {VisitShards.MaxBatch} scans."
                );
            entries[count++] = Parse(ref json);
        }
        if (json.Read())
            throw new RefusedException(ErrorCodes.JsonInvalid);
        return count;
    }

    /// <summary>An invalid scan fails alone; invalid JSON fails the whole batch.</summary>
    private Entry Parse(ref Utf8JsonReader json)
    {
        var start = json;
        try
        {
            var request = reader.Read(ref json);
            return new Entry { ScanId = request.ScanId, Request = request };
        }
        catch (RefusedException refused)
        {
            json = start;
            return new Entry { ScanId = reader.ScanIdOf(ref json), Error = refused.Code };
        }
    }

    private async Task ScanAsync(Entry[] entries, int count, string venueId, string device)
    {
        var venue = await scans.VenueAsync(venueId);
        var requests = new List<ScanRequest>(count);
        var places = new List<int>(count);
        for (var i = 0; i < count; i++)
        {
            if (entries[i].Error is not null)
                continue;
            if (entries[i].Request.VenueId != venueId)
                entries[i].Error = ErrorCodes.VenueForbidden;
            else if (venue is null)
                entries[i].Error = ErrorCodes.VenueUnknown;
            if (entries[i].Error is not null)
                continue;
            requests.Add(entries[i].Request);
            places.Add(i);
        }

        if (requests.Count == 0)
            return;
        var receipts = await scans.ScanManyAsync(requests, venue!, device);
        for (var i = 0; i < receipts.Length; i++)
            entries[places[i]].Receipt = receipts[i];
    }

    private async Task AnswerAsync(HttpResponse response, Entry[] entries, int count)
    {
        response.ContentType = JsonType;
        var writer = response.BodyWriter;
        for (var i = 0; i < count; i++)
            Write(writer, entries[i], i);
        writer.Write(count == 0 ? "[]"u8 : "]"u8);
        await writer.FlushAsync();
    }

    private void Write(PipeWriter writer, in Entry entry, int index)
    {
        var json = new JsonText(writer.GetSpan(ScanJson.MaxOutcomeBytes));
        json.Byte(index == 0 ? (byte)'[' : (byte)',');
        if (entry.Error is { } error)
        {
            ScanJson.WriteError(ref json, entry.ScanId, error);
        }
        else
        {
            var conflict = entry.Receipt.Status == VisitStatus.Conflict;
            counters.Scan(entry.Receipt.Status, !conflict && entry.Receipt.Visit.Reasons == RefusalReasons.None);
            if (conflict)
                ScanJson.WriteError(ref json, entry.ScanId, ErrorCodes.ScanConflict);
            else
                ScanJson.Write(ref json, entry.ScanId!, entry.Receipt.Visit);
        }
        writer.Advance(json.Written.Length);
    }
}
