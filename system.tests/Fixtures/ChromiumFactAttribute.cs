namespace Grid.Tests.Fixtures;

/// <summary>A test in a real browser. Skipped with a reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Browser.Executable is null)
            Skip = $"No Chromium: set {Browser.Variable} or install Debian's package chromium.";
    }
}
