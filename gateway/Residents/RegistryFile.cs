using Grid.Gateway.Errors;
using Grid.Gateway.Http;

namespace Grid.Gateway.Residents;

/// <summary>
/// Reads the lines of a registry file: JSON, one object a line, or comma-separated values under a heading that names the
/// columns <c>idNumber,name,phone,district</c> in any order and case; other columns are passed over.
/// </summary>
internal sealed class RegistryFile(bool csv)
{
    private static readonly string[] Columns = ["idNumber", "name", "phone", "district"];

    private int[]? _places;
    private int _width;

    /// <summary>The request of a line, or null for the heading. Called in the order of the lines.</summary>
    /// <exception cref="RefusedException">The line is none.</exception>
    internal RegisterRequest? Read(ReadOnlyMemory<byte> line)
    {
        if (!csv)
            return LineImport.Parse(line, GatewayJson.Default.RegisterRequest);
        var values = CsvLine.Split(line.Span) ?? throw new RefusedException(ErrorCodes.LineInvalid);
        if (_places is null)
        {
            ReadHeading(values);
            return null;
        }

        if (values.Count != _width)
            throw new RefusedException(ErrorCodes.LineInvalid);
        return new RegisterRequest(values[_places[0]], values[_places[1]], values[_places[2]], values[_places[3]]);
    }

    private void ReadHeading(List<string> names)
    {
        _width = names.Count;
        names[0] = names[0].TrimStart('\uFEFF');
        _places = Array.ConvertAll(
            Columns, column => names.FindIndex(name => name.Trim().Equals(column, StringComparison.OrdinalIgnoreCase)));
        var missing = Array.IndexOf(_places, -1);
        if (missing >= 0)
            throw new RegistryFileException($"The first line must name the columns {string.Join(",", Columns)}; {Columns[missing]} is missing.");
    }
}

/// <summary>The file as a whole can't be read.</summary>
internal sealed class RegistryFileException(string message) : Exception(message);
