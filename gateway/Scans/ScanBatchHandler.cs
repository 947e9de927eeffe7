using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Http;
using Grid.Gateway.Metrics;
using Grid.Gateway.Tokens;
using Grid.Scans;
using Grid.Venues;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Scans;

/// <summary><c>POST /v1/scans/batch</c>: up to 500 scans, each decided and answered on its own, written together.</summary>
internal sealed class ScanBatchHandler(
    IGrainFactory grains, ScanReader reader, Door door, SharedIds ids, HotCounters counters, IOptions<GatewayOptions> options)
{
    private const string JsonType = "application/json; charset=utf-8";

    /// <summary>One scan of the batch on its way.</summary>
    private struct Entry
    {
        internal string? ScanId;
        internal ScanRequest Request;
        internal ErrorCode? Error;
        internal Visit? Visit;
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
        var entries = ArrayPool<Entry>.Shared.Rent(VisitShards.BatchMax);
        try
        {
            var count = Take(body, read.Buffer, entries);
            await DecideAsync(entries, count, venueId, device);
            await AppendAsync(entries, count);
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
        var json = body.IsSingleSegment ? new Utf8JsonReader(body.FirstSpan) : new Utf8JsonReader(body);
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
            throw new RefusedException(ErrorCodes.JsonInvalid, "A batch is an array of scans.");
        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (count == VisitShards.BatchMax)
                throw new RefusedException(ErrorCodes.BatchTooLarge, $"A batch has up to {VisitShards.BatchMax} scans.");
            entries[count++] = Parse(ref json);
        }
        if (json.Read())
            throw new RefusedException(ErrorCodes.JsonInvalid);
        return count;
    }

    /// <summary>A scan that can't be read is its own error; JSON that can't be is the whole batch's.</summary>
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

    /// <summary>All residents are asked at once: a silo gets its part of the batch in one go.</summary>
    private async Task DecideAsync(Entry[] entries, int count, string venueId, string device)
    {
        var venue = await door.VenueAsync(venueId);
        var waits = new List<Task>(count);
        for (var i = 0; i < count; i++)
        {
            if (entries[i].Error is not null)
                continue;
            if (entries[i].Request.VenueId != venueId)
                entries[i].Error = ErrorCodes.VenueForbidden;
            else if (venue is null)
                entries[i].Error = ErrorCodes.VenueUnknown;
            else
                waits.Add(DecideAsync(entries, i, venue, device));
        }
        await Task.WhenAll(waits);
    }

    private async Task DecideAsync(Entry[] entries, int index, Venue venue, string device) =>
        entries[index].Visit = await door.DecideAsync(entries[index].Request, venue, device);

    /// <summary>One call a shard, all at once; within a shard the order of the batch is kept.</summary>
    private async Task AppendAsync(Entry[] entries, int count)
    {
        var shards = new List<int>?[VisitShards.Count];
        for (var i = 0; i < count; i++)
        {
            if (entries[i].Visit is { } visit)
                (shards[ShardOf(visit.ScanId)] ??= new List<int>(8)).Add(i);
        }
        var waits = new List<Task>(VisitShards.Count);
        foreach (var members in shards)
        {
            if (members is not null)
                waits.Add(AppendAsync(entries, members));
        }
        await Task.WhenAll(waits);
    }

    private async Task AppendAsync(Entry[] entries, List<int> members)
    {
        var visits = new Visit[members.Count];
        for (var i = 0; i < visits.Length; i++)
            visits[i] = entries[members[i]].Visit!;
        var receipts = await grains.GetGrain<IVisitsGrain>(VisitShards.KeyOf(visits[0].ScanId)).AppendMany(visits);
        for (var i = 0; i < visits.Length; i++)
            entries[members[i]].Receipt = receipts[i];
    }

    private static int ShardOf(string scanId) => VisitShards.PartitionOf(scanId) / (Partitions.Count / VisitShards.Count);

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
        var json = new JsonText(writer.GetSpan(ScanJson.OutcomeBytesMax));
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
