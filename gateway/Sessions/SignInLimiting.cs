using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Hosting.Settings;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Sessions;

/// <summary>Limits anonymous sign-in and registration calls before their bodies are read.</summary>
internal sealed class SignInLimiting(RequestDelegate next, SignInLimits limits)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<SignInRoute>() is null ? next(context) : LimitedAsync(context);

    private async Task LimitedAsync(HttpContext context)
    {
        using var place = limits.Enter(context, out var retryAfterSeconds);
        await (
            place is null
                ? Problems.WriteAsync(context, ErrorCodes.RateLimited, retryAfterSeconds: retryAfterSeconds)
                : next(context)
        );
    }
}

/// <summary>Marks a route that <see cref="SignInLimiting"/> limits.</summary>
internal sealed record SignInRoute;

/// <summary>Registers sign-in.</summary>
internal static class SignInRegistration
{
    /// <summary>
    /// Adds sign-in. Messages go to files in the data folder unless the host registers another notifier.
    /// </summary>
    internal static IServiceCollection AddSessions(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<INotifier>(new FolderNotifier(GridOptions.DataFolderOf(configuration)));
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignInOptions>, SignInOptionsValidator>();
        services.AddSingleton<SignInLimits>();
        services.AddSingleton<ChallengeIds>();
        services.AddSingleton<Messages>();
        services.AddSingleton<SignIn>();
        services.TryAddSingleton<IIdentityVerifier, AcceptingVerifier>();
        return services;
    }

    /// <summary>Opens the route to every caller, within the limits of sign-in.</summary>
    internal static TBuilder LimitSignIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new SignInRoute());

    /// <summary>Takes the source of a call from X-Forwarded-For, if a configured proxy sent it.</summary>
    internal static void UseForwardedSources(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        if (options.Proxies.Length == 0)
            return;
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (
            var proxy in options.Proxies.Split(
                ',',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            if (!System.Net.IPNetwork.TryParse(proxy, out var network))
                throw new OptionsValidationException(
                    nameof(GatewayOptions.Proxies),
                    typeof(GatewayOptions),
                    [$"Grid:Gateway:Proxies: '{proxy}' is not a network, such as 10.1.0.0/16."]
                );
            forwarded.KnownIPNetworks.Add(network);
        }
        app.UseForwardedHeaders(forwarded);
    }
}
