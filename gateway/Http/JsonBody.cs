namespace Grid.Gateway.Http;

/// <summary>Whether a request says that its body is JSON.</summary>
internal static class JsonBody
{
    private const string Plain = "application/json";

    internal static bool IsJson(HttpRequest request)
    {
        var type = request.ContentType;
        return type is not null
            && type.StartsWith(Plain, StringComparison.OrdinalIgnoreCase)
            && (type.Length == Plain.Length || type[Plain.Length] is ';' or ' ');
    }
}
