using System.Text.Json.Serialization;

namespace Grid.Gateway.Json;

/// <summary>Configures how JSON is read and written.</summary>
internal static class JsonRegistration
{
    internal static IServiceCollection AddGatewayJson(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        return services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
    }
}
