using Grid.Silo.Hosting;
using Grid.Silo.Telemetry;

// Hosts grains for gateways elsewhere, or runs the one command that there is: migrate.
const string DefaultUrl = "http://127.0.0.1:8090";

var migrate = args is ["migrate", ..];
var builder = WebApplication.CreateSlimBuilder(migrate ? args[1..] : args);
if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
    builder.WebHost.UseUrls(DefaultUrl);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Logging.AddFilter("Orleans", LogLevel.Warning);
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.AddGridTelemetry("grid-silo");
builder.AddGridSilo();

await using var app = builder.Build();
if (migrate)
    return await MigrateCommand.RunAsync(app.Services);
app.MapSiloHealth();
await app.RunAsync();
return 0;
