using System.Text;
using Grid.Gateway.Errors;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;

namespace Grid.Gateway.Residents;

/// <summary>
/// Reads the lines of a registry file: NDJSON, or CSV with a heading that names the columns
/// <c>idNumber,name,phone,district</c> in any order and case. Ignores other columns.
/// </summary>
/// <param name="csv">The encoding of a CSV file; null for JSON.</param>
internal sealed class RegistryFile(Encoding? csv)
{
    private static readonly string[] Columns = ["idNumber", "name", "phone", "district"];

    private readonly CsvRecords? _records = csv is null ? null : new CsvRecords(csv);
    private int[]? _places;
    private int _width;

    /// <summary>Whether the file is CSV, in which a record may contain line breaks.</summary>
    internal bool IsCsv => _records is not null;

    /// <summary>The request of a line; null for the heading. Call it in the order of the lines.</summary>
    /// <exception cref="RefusedException">The line is invalid.</exception>
    /// <exception cref="RegistryFileException">The heading lacks a column or repeats one.</exception>
    internal RegisterRequest? Read(ReadOnlyMemory<byte> line)
    {
        if (_records is null)
            return LineImport.Parse(line, GatewayJson.Default.RegisterRequest);
        var values = _records.Read(line.Span);
        if (_places is null)
        {
            ReadHeading(
                values ?? throw new RegistryFileException("The first line is not CSV in the encoding of the file.")
            );
            return null;
        }

        if (values is null || values.Length != _width)
            throw new RefusedException(
                ErrorCodes.LineInvalid,
                $"The record does not have the {_width} values of the heading, or a quote is misplaced."
            );
        return new RegisterRequest(values[_places[0]], values[_places[1]], values[_places[2]], values[_places[3]]);
    }

    private void ReadHeading(string[] names)
    {
        var places = Array.ConvertAll(Columns, column =>
        {
            var place = Array.FindIndex(names, name => IsNamed(name, column));
            if (place >= 0 && Array.FindLastIndex(names, name => IsNamed(name, column)) != place)
                throw new RegistryFileException($"The first line names the column {column} twice.");
            return place;
        });
        var missing = Array.IndexOf(places, -1);
        if (missing >= 0)
            throw new RegistryFileException(
                $"The first line must name the columns {string.Join(",", Columns)}; {Columns[missing]} is missing."
            );
        (_places, _width) = (places, names.Length);
    }

    private static bool IsNamed(string name, string column) =>
        name.AsSpan().Trim().Equals(column, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The whole file is unreadable.</summary>
internal sealed class RegistryFileException(string message) : Exception(message);
