using Microsoft.Playwright;

namespace Grid.Tests.Fixtures;

/// <summary>A headless Chromium, started once for a class of tests. Pages speak to this machine only.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Names the executable when it is in none of the usual places.</summary>
    public const string Variable = "GRID_TEST_CHROMIUM";

    private const float PhaseTimeoutMs = 20_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where Chromium is, or null.</summary>
    public static string? Executable { get; } =
        new[] { Environment.GetEnvironmentVariable(Variable), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
            .FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        if (Executable is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = Executable, Args = Arguments, Timeout = PhaseTimeoutMs });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A page of a phone 360 px wide, with a storage of its own.</summary>
    public async Task<IPage> OpenAsync(string locale)
    {
        var context = await _browser!.NewContextAsync(
            new() { Locale = locale, ViewportSize = new() { Width = 360, Height = 760 } });
        context.SetDefaultTimeout(PhaseTimeoutMs);
        return await context.NewPageAsync();
    }
}
