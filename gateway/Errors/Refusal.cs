using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Grid.Gateway.Errors;

/// <summary>An answer that is an error: RFC 9457 problem details with a stable code.</summary>
/// <param name="code">A code of <see cref="ErrorCodes"/>.</param>
/// <param name="detail">What is wrong in this request. Never a value that the caller sent: it may be personal.</param>
/// <param name="members">Further members of the answer, as JSON that begins with a comma.</param>
public sealed class Refusal(ErrorCode code, string? detail = null, string? members = null)
    : IResult,
        IStatusCodeHttpResult,
        IContentTypeHttpResult,
        IEndpointMetadataProvider
{
    /// <summary>The stable code.</summary>
    public ErrorCode Code => code;

    /// <inheritdoc/>
    public int? StatusCode => code.Status;

    /// <inheritdoc/>
    public string? ContentType => Problems.ContentType;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) =>
        Problems.WriteAsync(httpContext, code, detail, members: members);

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(
            new ProducesResponseTypeMetadata(
                StatusCodes.Status400BadRequest,
                typeof(ProblemShape),
                [Problems.ContentType]
            )
        );
}

/// <summary>The members of every error answer, for the OpenAPI document.</summary>
public sealed record ProblemShape(string Type, string Title, int Status, string Detail, string Code, string TraceId);

/// <summary>A stream line that contradicts stored data. It changes nothing and is counted and listed.</summary>
public sealed class ConflictException(ErrorCode code, string detail) : Exception(code.Title)
{
    /// <summary>The stable code.</summary>
    public ErrorCode Code => code;

    /// <summary>The names of the fields that differ.</summary>
    public string Detail => detail;
}

/// <summary>An invalid request. Thrown only while a request is read, and answered with its code.</summary>
public sealed class RefusedException(ErrorCode code, string? detail = null, int? retryAfterSeconds = null)
    : Exception(code.Title)
{
    /// <summary>Overrides the code's Retry-After.</summary>
    public int? RetryAfterSeconds => retryAfterSeconds;

    /// <summary>The stable code.</summary>
    public ErrorCode Code => code;

    /// <summary>What is wrong.</summary>
    public string? Detail => detail;
}
