namespace Grid.Gateway.Errors;

/// <summary>Every code of an error answer or a stream line. <c>docs/errors.md</c> describes the same list.</summary>
public static class ErrorCodes
{
    // The request itself.
    public static readonly ErrorCode JsonInvalid = new(
        "json-invalid",
        400,
        "The body is not the JSON this call takes."
    );
    public static readonly ErrorCode KeyDuplicate = new("duplicate-key", 400, "A field is given twice.");
    public static readonly ErrorCode FieldMissing = new("field-missing", 400, "A required field is missing or empty.");
    public static readonly ErrorCode FieldInvalid = new("field-invalid", 400, "A field has an invalid value.");
    public static readonly ErrorCode RequestInvalid = new("request-invalid", 400, "The request is malformed.");
    public static readonly ErrorCode NotFound = new("not-found", 404, "Not found.");
    public static readonly ErrorCode MethodNotAllowed = new(
        "method-not-allowed",
        405,
        "This address does not take this method."
    );
    public static readonly ErrorCode RequestTimeout = new("request-timeout", 408, "The body arrived too slowly.");
    public static readonly ErrorCode BodyTooLarge = new("body-too-large", 413, "The body is too large for this call.");
    public static readonly ErrorCode MediaTypeUnsupported = new(
        "media-type-unsupported",
        415,
        "This call takes another content type."
    );
    public static readonly ErrorCode BatchTooLarge = new("batch-too-large", 400, "The batch has too many entries.");
    public static readonly ErrorCode LineTooLong = new("line-too-long", 400, "The line is too long.");
    public static readonly ErrorCode LineInvalid = new("line-invalid", 400, "The line does not match the CSV heading.");
    public static readonly ErrorCode HeadingInvalid = new(
        "heading-invalid",
        400,
        "The heading must name each required column once."
    );
    public static readonly ErrorCode LineTruncated = new("line-truncated", 400, "The last line is cut off.");

    // The caller.
    public static readonly ErrorCode TokenMissing = new("token-missing", 401, "A bearer token is required.");
    public static readonly ErrorCode TokenInvalid = new(
        "token-invalid",
        401,
        "The bearer token is not one of this grid."
    );
    public static readonly ErrorCode TokenExpired = new("token-expired", 401, "The bearer token has expired.");
    public static readonly ErrorCode TokenRevoked = new("token-revoked", 401, "The bearer token was revoked.");
    public static readonly ErrorCode SignInRefused = new(
        "sign-in-refused",
        401,
        "Challenge and one-time code do not match, or the code has expired."
    );
    public static readonly ErrorCode ClientRefused = new("client-refused", 401, "Client id and secret do not match.");
    public static readonly ErrorCode ClientUnknown = new("client-unknown", 404, "The client is not registered.");
    public static readonly ErrorCode RevocationsTooMany = new(
        "revocations-too-many",
        409,
        "Too many subjects are revoked; rotate and revoke the access-token key."
    );
    public static readonly ErrorCode RoleForbidden = new(
        "role-forbidden",
        403,
        "The caller's role may not make this call."
    );
    public static readonly ErrorCode VenueForbidden = new(
        "venue-forbidden",
        403,
        "A device scans for its own venue only."
    );

    public static readonly ErrorCode DependentForbidden = new(
        "dependent-forbidden",
        403,
        "The caller may not show this person's code."
    );
    public static readonly ErrorCode RoleUnknown = new(
        "role-unknown",
        400,
        "The role is unknown or can't be given here."
    );

    // Residents.
    public static readonly ErrorCode IdNumberInvalid = new(
        "id-number-invalid",
        400,
        "Not a valid identification number (GB 11643)."
    );
    public static readonly ErrorCode PhoneInvalid = new("phone-invalid", 400, "Not a valid mobile phone number.");
    public static readonly ErrorCode NameInvalid = new(
        "name-invalid",
        400,
        $"A name has 1 to {Requests.Fields.MaxPersonNameLength} characters."
    );
    public static readonly ErrorCode DistrictUnknown = new("district-unknown", 400, "Not a district of the city.");
    public static readonly ErrorCode DocumentInvalid = new("document-invalid", 400, "This document is not accepted.");
    public static readonly ErrorCode IdentityRefused = new(
        "identity-refused",
        403,
        "Document and name do not belong together."
    );
    public static readonly ErrorCode ResidentExists = new(
        "resident-exists",
        409,
        "The person is registered with other particulars; nothing was changed."
    );
    public static readonly ErrorCode ResidentUnknown = new("resident-unknown", 404, "The resident is not registered.");

    public static readonly ErrorCode CodeExpired = new("code-expired", 400, "The displayed code has expired.");
    public static readonly ErrorCode CodeInvalid = new("code-invalid", 400, "The text is not a code of this grid.");

    // Venues and scans.
    public static readonly ErrorCode VenueUnknown = new("venue-unknown", 404, "The venue is not registered.");
    public static readonly ErrorCode ScanConflict = new(
        "scan-conflict",
        409,
        "This scan id was used for another scan."
    );

    // Sampling and results.
    public static readonly ErrorCode TubeUnknown = new("tube-unknown", 404, "The tube is not registered.");
    public static readonly ErrorCode CapacityInvalid = new(
        "capacity-invalid",
        400,
        "A tube has a capacity of 1, 5, 10 or 20."
    );
    public static readonly ErrorCode TubeConflict = new(
        "tube-conflict",
        409,
        "This tube id was used for another tube."
    );
    public static readonly ErrorCode TubeFull = new("tube-full", 409, "The tube is full.");
    public static readonly ErrorCode TubeSealed = new("tube-sealed", 409, "The tube is sealed.");
    public static readonly ErrorCode AlreadyInTube = new(
        "already-in-tube",
        409,
        "The tube has a sample of this resident."
    );
    public static readonly ErrorCode IdempotencyConflict = new(
        "idempotency-conflict",
        409,
        "This Idempotency-Key was used with another content."
    );
    public static readonly ErrorCode CollectedAfterResult = new(
        "collected-after-result",
        409,
        "The sample was taken after the tube was tested."
    );
    public static readonly ErrorCode SampleUnknown = new(
        "sample-unknown",
        404,
        "The tube has no sample of this resident."
    );
    public static readonly ErrorCode ResultConflict = new(
        "result-conflict",
        409,
        "The result contradicts an earlier one, or another laboratory reported this tube; an operator decides."
    );

    public static readonly ErrorCode TestedBeforeCollected = new(
        "tested-before-collected",
        409,
        "The result was tested before a sample was taken."
    );
    public static readonly ErrorCode TimeTooOld = new("time-too-old", 400, "The time is too long ago.");
    public static readonly ErrorCode SiteForbidden = new(
        "site-forbidden",
        403,
        "A sampler acts on the tubes of its own site only."
    );
    public static readonly ErrorCode HeldTooMany = new(
        "held-too-many",
        409,
        "The laboratory has too many held results."
    );
    public static readonly ErrorCode ConflictUnknown = new("conflict-unknown", 404, "The conflict does not exist.");
    public static readonly ErrorCode ConflictDecided = new(
        "conflict-decided",
        409,
        "The conflict was decided otherwise."
    );

    public static readonly ErrorCode ResultsTooMany = new("results-too-many", 409, "The tube has too many results.");
    public static readonly ErrorCode CorrectionInvalid = new(
        "correction-invalid",
        400,
        "A correction names a lower sequence of the same tube."
    );

    // Vaccination.
    public static readonly ErrorCode RecordConflict = new(
        "record-conflict",
        409,
        "This record id was used for another vaccination."
    );

    // The grid.
    public static readonly ErrorCode RateLimited = new("rate-limited", 429, "Too many requests; try again later.", 60);
    public static readonly ErrorCode Internal = new("internal", 500, "The grid failed; its log has the trace id.");
    public static readonly ErrorCode Overloaded = new(
        "overloaded",
        503,
        "The grid is overloaded; nothing was done.",
        1
    );
    public static readonly ErrorCode Stopping = new(
        "stopping",
        503,
        "The gateway is stopping. What it took is kept; send the whole again.",
        2
    );
    public static readonly ErrorCode StoreUnavailable = new(
        "store-unavailable",
        503,
        "The store can't be written; nothing is acknowledged.",
        2
    );
    public static readonly ErrorCode Timeout = new(
        "timeout",
        503,
        "No answer in time. The outcome is unknown; repeat with the same id.",
        1
    );

    /// <summary>All codes, in the order above.</summary>
    public static readonly IReadOnlyList<ErrorCode> All =
    [
        .. typeof(ErrorCodes)
            .GetFields()
            .Where(field => field.FieldType == typeof(ErrorCode))
            .Select(field => (ErrorCode)field.GetValue(null)!),
    ];

    /// <summary>The general code of an HTTP status without a code of its own.</summary>
    public static ErrorCode OfStatus(int status) =>
        status switch
        {
            StatusCodes.Status401Unauthorized => TokenMissing,
            StatusCodes.Status403Forbidden => RoleForbidden,
            StatusCodes.Status404NotFound => NotFound,
            StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
            StatusCodes.Status408RequestTimeout => RequestTimeout,
            StatusCodes.Status413PayloadTooLarge => BodyTooLarge,
            StatusCodes.Status415UnsupportedMediaType => MediaTypeUnsupported,
            StatusCodes.Status429TooManyRequests => RateLimited,
            StatusCodes.Status503ServiceUnavailable => Overloaded,
            >= 400 and < 500 => RequestInvalid,
            _ => Internal,
        };
}
