namespace Grid.Gateway.Imports;

/// <summary>Adds streams of lines, which the features of residents, tubes and results take.</summary>
internal static class ImportsRegistration
{
    internal static IServiceCollection AddImports(this IServiceCollection services) =>
        services.AddSingleton<ImportStreams>();
}
