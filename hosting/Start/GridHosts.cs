namespace Grid.Hosting.Start;

/// <summary>Creates the host builder of both programs.</summary>
public static class GridHosts
{
    // The framework watches every file below the folder that a program is started in, for changes of its settings. The
    // store often lies there: each row written would be news, to each process of a cluster.
    private const string Unwatched = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>The usual host of a web program; its settings are read once.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateSlimBuilder([Unwatched, .. args]);
}
