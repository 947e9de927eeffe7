namespace Grid.Tests.Fixtures;

/// <summary>A test in a real browser. Without one it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Browser.Executable is null)
            Skip = $"No Chromium: set {Browser.Variable} or install Debian's package chromium.";
    }
}
