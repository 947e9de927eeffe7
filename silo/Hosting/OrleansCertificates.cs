namespace Grid.Silo.Hosting;

/// <summary>Orleans has connections of its own; what secures them is the platform's.</summary>
public static class CertificatesCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "certificates";

    /// <summary>Says so.</summary>
    public static async Task<int> RunAsync(IConfiguration settings, TimeProvider time)
    {
        await Console.Error.WriteLineAsync("certificates: those of the embedded engine's cluster; this build runs on Orleans.");
        return 1;
    }
}
