using Grid.Gateway.Hosting;
using Microsoft.AspNetCore.Http.Metadata;

namespace Grid.Gateway.Requests;

/// <summary>Body limits of routes; the default is <see cref="GatewayOptions.BodyBytesMax"/>.</summary>
internal static class RouteLimits
{
    /// <summary>Marks a route whose body is a stream of lines.</summary>
    internal static TBuilder Streams<TBuilder>(this TBuilder builder, GatewayOptions options)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new BodyLimit(options.ImportBytesMax), new Streamed());

    /// <summary>Whether a request is a stream, whose duration has no limit.</summary>
    internal static bool IsStreamed(HttpContext context) =>
        context.GetEndpoint() is { } endpoint && IsStreamed(endpoint);

    /// <summary>Whether the requests of a route are streams.</summary>
    internal static bool IsStreamed(Endpoint endpoint) => endpoint.Metadata.GetMetadata<Streamed>() is not null;

    /// <summary>Marks a route that makes at most one grain call.</summary>
    internal static TBuilder CallsOneGrain<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OneCall());

    /// <summary>Whether a request makes at most one grain call.</summary>
    internal static bool MakesOneCall(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OneCall>() is not null;

    /// <summary>Marks a route whose body is a batch.</summary>
    internal static TBuilder Batches<TBuilder>(this TBuilder builder, GatewayOptions options)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyLimit(options.BatchBytesMax));

    private sealed record Streamed;

    private sealed record OneCall;

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
