using Grid.Bench.Baselines.Bare;
using Grid.Bench.Baselines.Rows;

namespace Grid.Bench.Baselines;

internal static class Program
{
    private const string Usage = """
        usage: redis HOST:PORT --urls URL --Grid:Data FOLDER
               postgres CONNECTION-STRING --urls URL --Grid:Data FOLDER
               bare --urls URL
               bare-silo HOST:PORT --urls URL
               bare-gateway HOST:PORT --urls URL
        """;

    private static async Task<int> Main(string[] arguments)
    {
        await using var app = arguments switch
        {
            ["redis", var redis, .. var settings] => await RowGateway.BuildAsync(
                bytes => new RedisRows(redis, bytes),
                settings
            ),
            ["postgres", var database, .. var settings] => await RowGateway.BuildAsync(
                bytes => new PostgresRows(database, bytes),
                settings
            ),
            ["bare", .. var settings] => BareHost.Build(BareRole.Alone, null, settings),
            ["bare-silo", var redis, .. var settings] => BareHost.Build(BareRole.Silo, redis, settings),
            ["bare-gateway", var redis, .. var settings] => BareHost.Build(BareRole.Gateway, redis, settings),
            _ => null,
        };
        if (app is null)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 1;
        }
        await app.RunAsync();
        return 0;
    }
}
