namespace Grid.Bench.Load;

/// <summary>
/// The ceiling: Kestrel alone on this machine. One route answers 60 bytes of text, without logging or middleware; every
/// ratio is taken against it in the same run.
/// </summary>
internal static class Ceiling
{
    public const string Path = "/ceiling";

    private static readonly byte[] Text = "sixty bytes of plain text, the least that a server can do.\r\n"u8.ToArray();

    public static async Task<int> RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder(arguments);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using var app = builder.Build();
        app.MapGet(Path, (HttpContext context) =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = Text.Length;
            return context.Response.Body.WriteAsync(Text).AsTask();
        });
        await app.RunAsync();
        return 0;
    }
}
