using Microsoft.Playwright;

namespace Grid.Tests.Fixtures;

/// <summary>A headless Chromium, started once for all tests. Pages reach this machine only.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Names the executable when it is in none of the usual places.</summary>
    public const string Variable = "GRID_TEST_CHROMIUM";

    private const float PhaseTimeoutMs = 20_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _context;

    /// <summary>The path of Chromium, or null.</summary>
    public static string? Executable { get; } =
        new[]
        {
            Environment.GetEnvironmentVariable(Variable),
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        }.FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        if (Executable is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = Executable,
                Args = Arguments,
                Timeout = PhaseTimeoutMs,
            }
        );
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>
    /// Opens a page of a phone 360 px wide with its own storage, and closes the previous page, which would continue to
    /// work.
    /// </summary>
    public Task<IPage> OpenAsync(string locale) => OpenAsync(locale, new Look());

    /// <summary>Opens a page with another look.</summary>
    internal async Task<IPage> OpenAsync(string locale, Look look)
    {
        if (_context is not null)
            await _context.CloseAsync();
        var context = await _browser!.NewContextAsync(
            new()
            {
                Locale = locale,
                ViewportSize = new() { Width = look.Width, Height = 760 },
                ForcedColors = look.HighContrast ? ForcedColors.Active : ForcedColors.None,
                ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light,
            }
        );
        _context = context;
        context.SetDefaultTimeout(PhaseTimeoutMs);
        var page = await context.NewPageAsync();
        if (look.Darkened)
        {
            var session = await context.NewCDPSessionAsync(page);
            await session.SendAsync("Emulation.setAutoDarkModeOverride", new() { ["enabled"] = true });
        }
        return page;
    }
}

/// <summary>How a page is displayed.</summary>
/// <param name="Width">CSS pixels of the window. Half of a phone's width is the phone at a zoom of 200 %.</param>
/// <param name="Dark">The phone prefers dark pages.</param>
/// <param name="Darkened">The browser darkens light pages.</param>
/// <param name="HighContrast">The system replaces the colours of pages (forced colours).</param>
/// <param name="TextPercent">The text size that the user has set.</param>
public sealed record Look(
    int Width = 360,
    bool Dark = false,
    bool Darkened = false,
    bool HighContrast = false,
    int TextPercent = 100
);

/// <summary>Tests that share one demo city and one browser: both take seconds to start.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<DemoGrid>, ICollectionFixture<Browser>
{
    internal const string Name = "browser";
}
