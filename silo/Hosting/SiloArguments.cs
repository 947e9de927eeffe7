namespace Grid.Silo.Hosting;

/// <summary>The short forms of a silo's command line.</summary>
public static class SiloArguments
{
    /// <summary>
    /// Writes <c>--cluster FOLDER</c> out as the settings that it stands for (join the cluster whose data is in that folder) and
    /// <c>--port N</c> too; everything else stays as it is.
    /// </summary>
    public static string[] Expand(string[] args)
    {
        var expanded = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var left, var right] ? (left, right) : (args[i], null);
            if (name is not ("--cluster" or "--port"))
            {
                expanded.Add(args[i]);
                continue;
            }

            value ??= ++i < args.Length ? args[i] : "";
            if (name == "--port")
                expanded.Add($"--Grid:Cluster:Port={value}");
            else
                expanded.AddRange(["--Grid:Cluster:Role=Silo", $"--{GridOptions.Section}:{nameof(GridOptions.Data)}={value}"]);
        }

        return [.. expanded];
    }
}
