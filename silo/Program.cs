using Grid.Silo.Backup;
using Grid.Silo.Hosting;
using Grid.Silo.Telemetry;

// Hosts grains for gateways elsewhere, or runs a command: migrate, backup, restore, verify.
const string DefaultUrl = "http://127.0.0.1:8090";

var command = args is [var first, ..] && (first is "migrate" || BackupCommands.Has(first)) ? first : null;
var builder = GridHosts.CreateBuilder(command is null ? args : args[1..]);
if (command is not null && BackupCommands.Has(command))
    return await BackupCommands.RunAsync(command, builder.Configuration, TimeProvider.System);
if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
    builder.WebHost.UseUrls(DefaultUrl);
builder.AddGridLogging();
builder.AddGridTelemetry("grid-silo");
builder.AddGridMember(GridRole.Silo);
if (command is not null)
    builder.Services.UseForMigration();

await using var app = builder.Build();
if (command is not null)
    return await MigrateCommand.RunAsync(app.Services);
app.MapSiloHealth();
await app.RunAsync();
return 0;
