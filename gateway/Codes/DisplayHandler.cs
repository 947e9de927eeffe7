using Grid.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Json;
using Grid.Gateway.Metrics;
using Grid.Gateway.Residents;
using Grid.Gateway.Tokens;

namespace Grid.Gateway.Codes;

/// <summary>
/// <c>GET /v1/me/code</c>: the code on a phone's screen. The grid's most frequent call: it completes synchronously
/// when the resident is active in this process, and allocates only the ETag.
/// </summary>
internal sealed class DisplayHandler(
    ResidentReader residents,
    DisplayTokens tokens,
    TimeProvider time,
    HotCounters counters
)
{
    /// <summary>A phone refreshes after a random 40 to 55 s, so that phones do not refresh in step.</summary>
    internal const int MinRefreshSeconds = 40;

    /// <inheritdoc cref="MinRefreshSeconds"/>
    internal const int MaxRefreshSeconds = 55;

    private const int MaxFixedBytes = 768 + CodeJson.MaxTestBytes;

    // JSON escapes an issuer of 64 characters to at most six bytes each.
    private const int MaxCauseBytes = 1024;
    private const string JsonType = "application/json; charset=utf-8";
    private const string Private = "private, no-cache";

    internal Task HandleAsync(HttpContext context, in Caller caller)
    {
        var residentId = caller.ResidentId;
        if (context.Request.QueryString.HasValue && context.Request.Query["for"] is [{ Length: > 0 } other, ..])
        {
            if (!Guid.TryParse(other, out var dependent) || dependent != residentId)
                return Problems.WriteAsync(context, ErrorCodes.DependentForbidden);
        }
        var show = residents.ShowAsync(residentId);
        return show.IsCompletedSuccessfully
            ? Answer(context, residentId, show.Result)
            : AnswerLaterAsync(context, residentId, show);
    }

    private async Task AnswerLaterAsync(HttpContext context, Guid residentId, ValueTask<CodeView> show) =>
        await Answer(context, residentId, await show);

    private Task Answer(HttpContext context, Guid residentId, in CodeView view)
    {
        var now = time.GetUtcNow();
        var nowSeconds = now.ToUnixTimeSeconds();
        var shown = DisplayTag.DigestOf(residentId, view);
        var response = context.Response;
        var before = context.Request.Headers.IfNoneMatch;
        if (before.Count > 0 && DisplayTag.Fresh(before, shown, nowSeconds) is { } kept)
        {
            counters.DisplayUnchanged(view.Test.State);
            response.StatusCode = StatusCodes.Status304NotModified;
            response.Headers.ETag = kept;
            response.Headers.CacheControl = Private;
            return Task.CompletedTask;
        }

        counters.Display(view.Test.State);
        var refresh = RefreshAfter(view, now);
        var writer = response.BodyWriter;
        var json = new JsonText(writer.GetSpan(MaxFixedBytes + view.Causes.Length * MaxCauseBytes));
        Write(ref json, residentId, view, now, refresh);
        writer.Advance(json.Written.Length);
        response.ContentLength = json.Written.Length;
        var headers = response.Headers;
        headers.ContentType = JsonType;
        headers.CacheControl = Private;
        headers.ETag = new DisplayTag((uint)nowSeconds, (byte)Math.Max(refresh, MinRefreshSeconds), shown).ToString();
        var flush = writer.FlushAsync();
        return flush.IsCompletedSuccessfully ? Completed(flush) : flush.AsTask();
    }

    private static Task Completed(ValueTask<System.IO.Pipelines.FlushResult> flush)
    {
        _ = flush.Result;
        return Task.CompletedTask;
    }

    private void Write(ref JsonText json, Guid residentId, in CodeView view, DateTimeOffset now, int refresh)
    {
        json.Raw("{\"residentId\":\""u8);
        json.Guid(residentId);
        json.Raw("\",\"name\":\""u8);
        json.Text(view.Name);
        json.Raw("\",\"colour\":\""u8);
        json.Raw(CodeNames.Utf8(view.Colour));
        json.Raw("\",\"asOf\":"u8);
        json.Time(now);
        json.Raw(",\"validUntil\":"u8);
        json.Time(now + DisplayTokens.Life);
        json.Raw(",\"refreshAfterSeconds\":"u8);
        json.Number(refresh);
        if (view.Registered)
        {
            json.Raw(",\"token\":\""u8);
            tokens.Write(residentId, json.Free);
            json.Advance(DisplayTokens.TextLength);
            json.Raw("\",\"test\":"u8);
        }
        else
        {
            json.Raw(",\"token\":null,\"test\":"u8);
        }
        CodeJson.WriteTest(ref json, view.Test, now);
        json.Raw(",\"vaccination\":{\"doses\":"u8);
        json.Number(view.Vaccination.Doses);
        json.Raw(",\"lastAt\":"u8);
        json.Time(view.Vaccination.LastAt);
        json.Raw("},\"causes\":["u8);
        for (var i = 0; i < view.Causes.Length; i++)
            WriteCause(ref json, view.Causes[i], i > 0);
        json.Raw("]}"u8);
    }

    private static void WriteCause(ref JsonText json, Cause cause, bool follows)
    {
        json.Raw(follows ? ",{\"causeId\":\""u8 : "{\"causeId\":\""u8);
        json.Guid(cause.CauseId);
        json.Raw("\",\"kind\":\""u8);
        json.Text(CodeNames.Of(cause.Kind));
        json.Raw("\",\"colour\":\""u8);
        json.Raw(CodeNames.Utf8(cause.Colour));
        json.Raw("\",\"issuer\":\""u8);
        json.Text(cause.Issuer);
        json.Raw("\",\"ground\":null,\"since\":"u8);
        json.Time(cause.Since);
        json.Raw(",\"until\":"u8);
        json.Time(cause.Until);
        json.Raw(",\"release\":{\"how\":\""u8);
        json.Raw(CodeNames.ReleaseUtf8(cause));
        json.Raw("\",\"expectedBy\":"u8);
        json.Time(cause.ReleaseExpectedBy ?? cause.Until);
        json.Raw("},\"contest\":{\"how\":\"none\",\"appealable\":false}}"u8);
    }

    private static int RefreshAfter(in CodeView view, DateTimeOffset now)
    {
        var refresh = Random.Shared.Next(MinRefreshSeconds, MaxRefreshSeconds + 1);
        if (view.ChangesAt is not { } changesAt)
            return refresh;
        // Refresh sooner if a cause begins or ends sooner.
        var seconds = Math.Ceiling((changesAt - now).TotalSeconds);
        return seconds < refresh ? Math.Max(1, (int)seconds) : refresh;
    }
}
