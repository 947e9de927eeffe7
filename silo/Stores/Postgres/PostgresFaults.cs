using System.Net.Sockets;
using Grid.Hosting.Stores;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>Translates the server's errors for the callers of the store.</summary>
internal static class PostgresFaults
{
    /// <summary>Whether an exception comes from the server or the network.</summary>
    internal static bool IsOfTheServer(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException;

    /// <summary>Whether a single value can't be stored, independent of the rest of its group.</summary>
    internal static bool IsOfARow(Exception exception) =>
        exception is PostgresException { SqlState: ['2', '2' or '3', ..] or "54000" };

    /// <summary>Whether a known table was missing.</summary>
    internal static bool IsOfATable(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable };

    /// <summary>Whether the server rejects this process permanently.</summary>
    internal static bool IsRefusal(Exception? exception) =>
        exception
            is PostgresException
            {
                SqlState: PostgresErrorCodes.InvalidCatalogName
                    or PostgresErrorCodes.InvalidPassword
                    or PostgresErrorCodes.InvalidAuthorizationSpecification,
            };

    /// <summary>Returns the exception for callers.</summary>
    internal static StoreException Translate(Exception exception, string place) =>
        exception switch
        {
            StoreException known => known,
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(
                StoreErrorCodes.Full,
                $"No room for {place}.",
                exception
            ),
            _ when IsRefusal(exception) => new(
                StoreErrorCodes.Unavailable,
                $"{place} refuses the connection: check {Databases.Section}.",
                exception
            ),
            _ => new(
                StoreErrorCodes.Unavailable,
                $"{place} does not answer as it should; the outcome is unknown.",
                exception
            ),
        };
}
