using System.Net.Sockets;
using Grid.Hosting.Stores;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>What the server's errors mean to the callers of the store.</summary>
internal static class PostgresFaults
{
    /// <summary>Whether an exception is the server's or the network's.</summary>
    internal static bool IsOfTheServer(Exception fault) =>
        fault is NpgsqlException or TimeoutException or IOException or SocketException;

    /// <summary>Whether a value in the group can't be stored, whatever the others are.</summary>
    internal static bool IsOfARow(Exception fault) =>
        fault is PostgresException { SqlState: ['2', '2' or '3', ..] or "54000" };

    /// <summary>Whether a table was not there that was known.</summary>
    internal static bool IsOfATable(Exception fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable };

    /// <summary>Whether the server does not let this process in, now or later.</summary>
    internal static bool IsRefusal(Exception? fault) =>
        fault
            is PostgresException
            {
                SqlState: PostgresErrorCodes.InvalidCatalogName
                    or PostgresErrorCodes.InvalidPassword
                    or PostgresErrorCodes.InvalidAuthorizationSpecification,
            };

    /// <summary>The exception that callers are told.</summary>
    internal static StoreException Translate(Exception fault, string place) =>
        fault switch
        {
            StoreException known => known,
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(
                StoreErrorCodes.Full,
                $"No room for {place}.",
                fault
            ),
            _ when IsRefusal(fault) => new(
                StoreErrorCodes.Unavailable,
                $"{place} refuses the connection: check {Databases.Section}.",
                fault
            ),
            _ => new(
                StoreErrorCodes.Unavailable,
                $"{place} does not answer as it should; the outcome is unknown.",
                fault
            ),
        };
}
