namespace Grid.Gateway.Tokens;

/// <summary>The API names of roles.</summary>
internal static class RoleNames
{
    private static readonly Dictionary<string, Role> ByName = Enum.GetValues<Role>()
        .ToDictionary(Of, StringComparer.Ordinal);

    internal static IEnumerable<string> All => ByName.Keys;

    internal static string Of(Role role) => role.ToString().ToLowerInvariant();

    internal static bool TryParse(string name, out Role role) => ByName.TryGetValue(name, out role);
}
