using System.Text;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Keys;

namespace Grid.Gateway.Sampling;

/// <summary>Finds the resident of a sample or a dose by a shown code, a resident id or an id number.</summary>
internal sealed class SampleSubjects(DisplayTokens tokens, ResidentKeys keys, TimeProvider time)
{
    /// <summary>The resident's key. The grain decides whether a resident is registered under it.</summary>
    internal Guid Of(string? token, Guid? residentId, string? idNumber)
    {
        var named = (token is null ? 0 : 1) + (residentId is null ? 0 : 1) + (idNumber is null ? 0 : 1);
        if (named == 0)
            throw Fields.Missing("residentId");
        if (named > 1)
            throw Fields.Invalid("residentId", "excludes others: give one of token, residentId and idNumber");
        if (residentId is { } id)
            return id;
        return idNumber is not null ? keys.Of(Fields.IdNumber(idNumber, time)) : OfToken(token!);
    }

    private Guid OfToken(string token)
    {
        Span<byte> ascii = stackalloc byte[DisplayTokens.TextLength];
        var check =
            token.Length == DisplayTokens.TextLength
            && Ascii.FromUtf16(token, ascii, out _) == System.Buffers.OperationStatus.Done
                ? tokens.Read(ascii, out var resident)
                : Invalid(out resident);
        return check switch
        {
            DisplayTokenCheck.Valid => resident,
            DisplayTokenCheck.Expired => throw new RefusedException(ErrorCodes.CodeExpired),
            _ => throw new RefusedException(ErrorCodes.CodeInvalid),
        };
    }

    private static DisplayTokenCheck Invalid(out Guid resident)
    {
        resident = default;
        return DisplayTokenCheck.Invalid;
    }
}
