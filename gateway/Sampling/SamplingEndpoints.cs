using Grid.Gateway.Access;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Sampling;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Sampling;

/// <summary>Tubes: opened, filled and sealed online, or imported whole after offline sampling.</summary>
internal static class SamplingEndpoints
{
    private const int MaxReasonLength = 200;

    internal static IServiceCollection AddSampling(this IServiceCollection services) =>
        services.AddSingleton<SampleSubjects>();

    internal static void MapSampling(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var tubes = routes.MapGroup("/v1/tubes").WithTags("Sampling");
        tubes.MapPost("/", OpenAsync).Allow(Roles.Sampler).WithSummary("Register a tube of the caller's own site.");
        tubes
            .MapPost("/{tubeId}/samples", AddSampleAsync)
            .Allow(Roles.Sampler)
            .WithSummary("Put a sample into a tube. An Idempotency-Key tells a repeat from a second swab.");
        tubes
            .MapDelete("/{tubeId}/samples/{residentId:guid}", WithdrawAsync)
            .Allow(Roles.Sampler)
            .WithSummary("Remove a sample before the tube is sealed, with a reason.");
        tubes.MapPost("/{tubeId}/seal", SealAsync).Allow(Roles.Sampler).WithSummary("Close the tube.");
        tubes
            .MapGet("/{tubeId}", GetAsync)
            .Allow(Roles.Sampler | Roles.Lab)
            .WithSummary("The tube's state, count and result; no names.");
        tubes
            .MapPost("/import", ImportAsync)
            .Allow(Roles.Sampler)
            .Streams(options)
            .WithSummary("Whole tubes collected offline, one per line. Safe to repeat.");
        tubes
            .MapGet("/import/{importId:guid}", ImportStreams.FindAsync)
            .Allow(Roles.Sampler)
            .WithSummary("The refused lines of one of the caller's latest imports.");
    }

    private static async Task<Results<Created<TubeAnswerShape>, Ok<TubeAnswerShape>, Refusal>> OpenAsync(
        TubeRequest request,
        CheckedCaller caller,
        IGrainFactory grains
    )
    {
        var tubeId = Fields.Id(request.TubeId, "tubeId");
        var opening = Opening(request.Capacity, request.SiteId);
        var answer = await grains.GetGrain<ITubeGrain>(tubeId).Open(opening, caller.Subject);
        var shape = new TubeAnswerShape(tubeId, opening.Capacity, opening.SiteId, "open");
        return answer.Status switch
        {
            TubeStatus.Done => TypedResults.Created($"/v1/tubes/{tubeId}", shape),
            TubeStatus.Replayed => TypedResults.Ok(shape),
            var status => new Refusal(CodeOf(status)),
        };
    }

    private static async Task<Results<Ok<CountAnswer>, Refusal>> AddSampleAsync(
        string tubeId,
        SampleRequest request,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CheckedCaller caller,
        IGrainFactory grains,
        SampleSubjects subjects,
        TimeProvider time
    )
    {
        if (idempotencyKey is not null)
            Fields.Id(idempotencyKey, "Idempotency-Key");
        var grain = grains.GetGrain<ITubeGrain>(Fields.Id(tubeId, "tubeId"));
        return Count(await grain.AddSample(Sample(request, subjects, time, idempotencyKey), caller.Subject));
    }

    private static async Task<Results<Ok<CountAnswer>, Refusal>> WithdrawAsync(
        string tubeId,
        Guid residentId,
        string? reason,
        [FromBody] WithdrawRequest? body,
        CheckedCaller caller,
        IGrainFactory grains
    )
    {
        var why = Fields.Text(reason ?? body?.Reason, "reason", MaxReasonLength);
        var grain = grains.GetGrain<ITubeGrain>(Fields.Id(tubeId, "tubeId"));
        return Count(await grain.Withdraw(residentId, why, caller.Subject));
    }

    private static async Task<Results<Ok<CountAnswer>, Refusal>> SealAsync(
        string tubeId,
        CheckedCaller caller,
        IGrainFactory grains
    ) => Count(await grains.GetGrain<ITubeGrain>(Fields.Id(tubeId, "tubeId")).Seal(caller.Subject));

    private static async Task<Results<Ok<TubeStateAnswer>, Refusal>> GetAsync(
        string tubeId,
        CheckedCaller caller,
        IGrainFactory grains
    )
    {
        var view = await grains.GetGrain<ITubeGrain>(Fields.Id(tubeId, "tubeId")).Get();
        if (view.Phase == TubePhase.Unknown)
            return new Refusal(ErrorCodes.TubeUnknown);
        if (caller.Role == Role.Sampler && caller.Organisation != view.SiteId)
            return new Refusal(ErrorCodes.SiteForbidden);
        var result = view.Result is { } found ? CodeNames.Of(found) : null;
        return TypedResults.Ok(
            new TubeStateAnswer(
                tubeId,
                PhaseName(view.Phase),
                view.Count,
                view.Capacity,
                view.SiteId,
                result,
                view.TestedAt
            )
        );
    }

    private static async Task<Results<Ok<ImportAnswer>, Refusal>> ImportAsync(
        HttpContext context,
        CheckedCaller caller,
        ImportStreams imports,
        IGrainFactory grains,
        SampleSubjects subjects,
        TimeProvider time
    )
    {
        return TypedResults.Ok(await imports.RunAsync(context, Parse, Take));

        (string TubeId, WholeTube Tube) Parse(ReadOnlyMemory<byte> line)
        {
            var request = LineImport.Parse(line, GatewayJson.Default.WholeTubeRequest);
            var tubeId = Fields.Id(request.TubeId, "tubeId");
            var opening = Opening(request.Capacity, request.SiteId);
            if (request.Samples?.Length > opening.Capacity)
                throw new RefusedException(ErrorCodes.TubeFull);
            var samples = Samples(request.Samples ?? [], subjects, time);
            return (tubeId, new WholeTube(opening, samples, request.Sealed ?? true));
        }

        async ValueTask<LineOutcome> Take((string TubeId, WholeTube Tube) line)
        {
            var answer = await grains.GetGrain<ITubeGrain>(line.TubeId).Import(line.Tube, caller.Subject);
            if (answer.Status is not (TubeStatus.Done or TubeStatus.Replayed))
                throw new RefusedException(CodeOf(answer.Status), WrongSamples(answer.Samples));
            return answer.Status == TubeStatus.Done ? LineOutcome.Accepted : LineOutcome.Duplicate;
        }
    }

    private static Results<Ok<CountAnswer>, Refusal> Count(TubeAnswer answer) =>
        answer.Status is TubeStatus.Done or TubeStatus.Replayed
            ? TypedResults.Ok(new CountAnswer(answer.Count, answer.Capacity))
            : new Refusal(CodeOf(answer.Status));

    private static TubeOpening Opening(int? capacity, string? siteId)
    {
        if (capacity is not { } samples)
            throw Fields.Missing("capacity");
        if (!TubeRules.IsCapacity(samples))
            throw new RefusedException(ErrorCodes.CapacityInvalid);
        return new TubeOpening(samples, Fields.Id(siteId, "siteId"));
    }

    /// <summary>
    /// The samples of a line. The refusal names every invalid sample, so that one correction is enough.
    /// </summary>
    private static SampleCollected[] Samples(SampleRequest?[] requests, SampleSubjects subjects, TimeProvider time)
    {
        var samples = new List<SampleCollected>(requests.Length);
        var wrong = new List<string>();
        ErrorCode? first = null;
        for (var i = 0; i < requests.Length; i++)
        {
            try
            {
                samples.Add(Sample(requests[i], subjects, time, null));
            }
            catch (RefusedException refused)
            {
                first ??= refused.Code;
                wrong.Add(NameOf(i, refused.Code));
            }
        }
        return first is null ? [.. samples] : throw new RefusedException(first, string.Join(", ", wrong));
    }

    private static string? WrongSamples(TubeStatus[] samples)
    {
        var wrong = samples
            .Index()
            .Where(each => !TubeImportAnswer.IsTaken(each.Item))
            .Select(each => NameOf(each.Index, CodeOf(each.Item)))
            .ToArray();
        return wrong.Length == 0 ? null : string.Join(", ", wrong);
    }

    private static string NameOf(int sample, ErrorCode code) => $"samples[{sample}] {code.Code}";

    private static SampleCollected Sample(
        SampleRequest? request,
        SampleSubjects subjects,
        TimeProvider time,
        string? idempotencyKey
    )
    {
        if (request is null)
            throw Fields.Missing("samples");
        var resident = subjects.Of(request.Token, request.ResidentId, request.IdNumber);
        return new SampleCollected(resident, Fields.Past(request.CollectedAt, "collectedAt", time), idempotencyKey);
    }

    private static string PhaseName(TubePhase phase) =>
        phase switch
        {
            TubePhase.Open => "open",
            TubePhase.Sealed => "sealed",
            TubePhase.Resulted => "resulted",
            _ => "corrected",
        };

    private static ErrorCode CodeOf(TubeStatus status) =>
        status switch
        {
            TubeStatus.Unknown => ErrorCodes.TubeUnknown,
            TubeStatus.Conflict => ErrorCodes.TubeConflict,
            TubeStatus.Full => ErrorCodes.TubeFull,
            TubeStatus.Sealed => ErrorCodes.TubeSealed,
            TubeStatus.AlreadyInTube => ErrorCodes.AlreadyInTube,
            TubeStatus.ResidentUnknown => ErrorCodes.ResidentUnknown,
            TubeStatus.NotInTube => ErrorCodes.SampleUnknown,
            TubeStatus.CollectedAfterResult => ErrorCodes.CollectedAfterResult,
            TubeStatus.OtherSite => ErrorCodes.SiteForbidden,
            TubeStatus.TooOld => ErrorCodes.TimeTooOld,
            TubeStatus.KeyConflict => ErrorCodes.IdempotencyConflict,
            _ => ErrorCodes.Internal,
        };
}
