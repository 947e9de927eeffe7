namespace Grid.Tests.Fixtures;

/// <summary>A test with Prometheus' own promtool. Skipped with a reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    internal const string Reason = $"No promtool: install Debian's package prometheus or set {Promtool.Variable}.";

    public PromtoolFactAttribute()
    {
        if (Promtool.Executable is null)
            Skip = Reason;
    }
}

/// <summary>Like <see cref="PromtoolFactAttribute"/>, over several files.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolTheoryAttribute : TheoryAttribute
{
    public PromtoolTheoryAttribute()
    {
        if (Promtool.Executable is null)
            Skip = PromtoolFactAttribute.Reason;
    }
}
