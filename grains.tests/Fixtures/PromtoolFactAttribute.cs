namespace Grid.Tests.Fixtures;

/// <summary>A test with Prometheus' own promtool. Without it it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (Promtool.Executable is null)
            Skip = $"No promtool: install Debian's package prometheus or set {Promtool.Variable}.";
    }
}
