namespace Grid.Hosting.Start;

/// <summary>Creates the host builder of both programs.</summary>
public static class GridHosts
{
    // The framework watches every file below the current folder for changes of settings. The store often lies there, so
    // every written row would raise an event in each process of a cluster.
    private const string Unwatched = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>The usual host of a web program, except that it reads its settings only once.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateSlimBuilder([Unwatched, .. args]);
}
