namespace Grid.Bench.Baselines;

internal static class Program
{
    private const int ResidentsDefault = 100_000;
    private const int ResidentsMax = 50_000_000;

    private static async Task<int> Main(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder(arguments);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using var store = StoreOf(builder.Configuration);
        var residents = builder.Configuration.GetValue("residents", ResidentsDefault);
        if (store is null || residents is < 1 or > ResidentsMax)
        {
            await Console.Error.WriteLineAsync(
                $"usage: --urls URL (--postgres CONNECTION-STRING | --sqlite FILE | --redis HOST:PORT) [--residents 1…{ResidentsMax}]");
            return 1;
        }
        await using var app = builder.Build();
        await store.PrepareAsync(residents, CancellationToken.None);
        app.MapBaseline(store);
        await app.RunAsync();
        return 0;
    }

    private static ICodeStore? StoreOf(IConfiguration configuration) =>
        (configuration["postgres"], configuration["sqlite"], configuration["redis"]) switch
        {
            ({ } connectionString, null, null) => new PostgresStore(connectionString),
            (null, { } file, null) => new SqliteStore(file),
            (null, null, { } address) => new RedisStore(address),
            _ => null,
        };
}
