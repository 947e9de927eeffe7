namespace Grid.Gateway.Imports;

/// <summary>Registers streams of lines, for the import routes of residents, tubes and results.</summary>
internal static class ImportsRegistration
{
    internal static IServiceCollection AddImports(this IServiceCollection services) =>
        services.AddSingleton<ImportStreams>();
}
