using Microsoft.Extensions.Options;

namespace Grid.Hosting.Settings;

/// <summary>The role of this process.</summary>
/// <param name="Role">The role.</param>
public sealed record MemberRole(GridRole Role)
{
    /// <summary>Whether this process hosts grains.</summary>
    public bool HostsGrains => Role is GridRole.All or GridRole.Silo;

    /// <summary>The configured role, or <paramref name="standard"/>.</summary>
    /// <exception cref="OptionsValidationException">The settings name a role that does not exist.</exception>
    public static GridRole Of(IConfiguration configuration, GridRole standard) =>
        configuration[$"{GridOptions.Section}:{nameof(Role)}"] is not { Length: > 0 } text ? standard
        : Enum.TryParse<GridRole>(text, ignoreCase: true, out var role) && Enum.IsDefined(role) ? role
        : throw new OptionsValidationException(
            GridOptions.Section,
            typeof(GridOptions),
            [$"Grid:Role is one of {string.Join(", ", Enum.GetNames<GridRole>())}."]
        );
}
