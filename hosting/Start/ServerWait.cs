using System.Net;
using System.Net.Sockets;
using Grid.Hosting.Settings;
using Grid.Hosting.Stores;
using Npgsql;
using StackExchange.Redis;

namespace Grid.Hosting.Start;

/// <summary>
/// Waits for a process's servers before its host starts, so that processes and servers start in any order. Logs a
/// missing server once.
/// </summary>
public static partial class ServerWait
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Returns when Redis and, for a process that hosts grains, PostgreSQL answer.</summary>
    /// <exception cref="StartException">
    /// A server does not answer within <see cref="GridClusterOptions.StartTimeout"/>, or refuses this process; the
    /// message names it.
    /// </exception>
    public static async Task WaitForServersAsync(this IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var options = GridClusterOptions.Of(configuration);
        var role = services.GetRequiredService<MemberRole>();
        var wait = new Wait(
            options.StartTimeout,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerWait).FullName!)
        );
        var waits = new List<Task>();
        if (options.Redis is { Length: > 0 })
            waits.Add(wait.ForAsync($"Redis at {PlaceOf(options.RedisSettings())}", () => AskRedisAsync(options)));
        if (role.HostsGrains)
            waits.AddRange(
                Databases
                    .Of(configuration)
                    .Select(database =>
                        wait.ForAsync($"PostgreSQL at {PlaceOf(database)}", () => AskPostgresAsync(database))
                    )
            );
        // Wait for all before throwing, so that no exception stays unobserved.
        await Task.WhenAll(waits);
    }

    private static async Task<Answer> AskRedisAsync(GridClusterOptions options)
    {
        var settings = options.RedisSettings();
        settings.AbortOnConnectFail = true;
        settings.ConnectRetry = 1;
        settings.ConnectTimeout = (int)AttemptTimeout.TotalMilliseconds;
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(settings);
            await connection.GetDatabase().PingAsync();
            return Answer.Yes;
        }
        catch (RedisConnectionException refused)
            when (refused.FailureType == ConnectionFailureType.AuthenticationFailure)
        {
            return new Answer(Refusal: "it refuses the user or the password of Grid:Cluster:Redis");
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or SocketException)
        {
            return Answer.Silence;
        }
    }

    private static async Task<Answer> AskPostgresAsync(string database)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(database)
            {
                Pooling = false,
                Timeout = (int)AttemptTimeout.TotalSeconds,
            };
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync();
            return Answer.Yes;
        }
        // A server that is starting, stopping or full also answers with an exception; wait for it.
        catch (PostgresException refused)
            when (!refused.IsTransient && !refused.SqlState.StartsWith("57P", StringComparison.Ordinal))
        {
            return new Answer(Refusal: $"it refuses the connection: {refused.SqlState} {refused.MessageText}");
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or SocketException)
        {
            return Answer.Silence;
        }
        catch (ArgumentException)
        {
            // The store's own check names the setting without the string, which may contain a password.
            return Answer.Yes;
        }
    }

    private static string PlaceOf(ConfigurationOptions redis) =>
        string.Join(
            ", ",
            redis.EndPoints.Select(static endpoint =>
                endpoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{endpoint}"
            )
        );

    private static string PlaceOf(string database)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(database);
            return $"{settings.Host}:{settings.Port}/{settings.Database}";
        }
        catch (ArgumentException)
        {
            return Databases.Section;
        }
    }

    /// <summary>The outcome of one attempt: an answer, silence, or a permanent refusal.</summary>
    private readonly record struct Answer(bool IsThere = false, string? Refusal = null)
    {
        public static Answer Yes => new(IsThere: true);

        public static Answer Silence => default;
    }

    private sealed class Wait(TimeSpan timeout, TimeProvider time, ILogger log)
    {
        public async Task ForAsync(string server, Func<Task<Answer>> ask)
        {
            var from = time.GetTimestamp();
            for (var isFirst = true; ; isFirst = false)
            {
                var answer = await ask();
                if (answer.IsThere)
                    return;
                if (answer.Refusal is { } refusal)
                    throw new StartException($"{server} can't be used: {refusal}.");
                if (time.GetElapsedTime(from) >= timeout)
                    throw new StartException(
                        $"{server} did not answer within {timeout.TotalSeconds:0.#} s (Grid:Cluster:StartTimeout)."
                    );
                if (isFirst)
                    LogMissing(log, server, timeout.TotalSeconds);
                await Task.Delay(RetryPause, time);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Server} does not answer; the start waits up to {Seconds} s for it")]
    private static partial void LogMissing(ILogger log, string server, double seconds);
}
