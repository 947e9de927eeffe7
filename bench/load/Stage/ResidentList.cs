using System.Text;
using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load.Stage;

/// <summary>Reads resident ids from a file: the first field of each line that is an id; skips other lines.</summary>
internal static class ResidentList
{
    /// <summary>The demo city's list of residents, relative to the data folder.</summary>
    public static readonly string DemoFile = Path.Combine("demo", "residents.csv");

    public static string FileOf(StageOptions options)
    {
        if (options.ResidentsFile is { } named)
            return File.Exists(named) ? named : throw new LoadException($"--residents-file {named} does not exist");
        if (options.DataFolder is not { } folder)
            throw new LoadException(
                "this scenario needs --data FOLDER, the gateway's data folder (with --residents-file FILE if its demo "
                    + "city does not list the residents)"
            );
        var file = Path.Combine(folder, DemoFile);
        return File.Exists(file)
            ? file
            : throw new LoadException(
                $"{file} does not exist: fill the data folder with the gateway's command 'demo', "
                    + "or name a file with --residents-file"
            );
    }

    /// <summary>At most <paramref name="atMost"/> ids, in the order of the file.</summary>
    public static List<string> Read(string file, int atMost)
    {
        var ids = new List<string>(Math.Min(atMost, 1_000_000));
        foreach (var line in File.ReadLines(file, Encoding.UTF8))
        {
            if (ids.Count == atMost)
                break;
            var end = line.AsSpan().IndexOfAny(',', ';', '\t');
            var field = (end < 0 ? line : line[..end]).Trim();
            if (Guid.TryParse(field, out _))
                ids.Add(field);
        }
        return ids.Count > 0 ? ids : throw new LoadException($"{file} holds no resident ids");
    }
}
