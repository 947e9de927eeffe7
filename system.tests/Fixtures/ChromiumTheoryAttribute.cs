namespace Grid.Tests.Fixtures;

/// <summary>A table of tests in a real browser. Without one it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute()
    {
        if (Browser.Executable is null)
            Skip = $"No Chromium: set {Browser.Variable} or install Debian's package chromium.";
    }
}
