using System.IO.Pipelines;
using Grid.Gateway.Demo;
using Grid.Gateway.Hosting;
using Grid.Gateway.Http;
using Grid.Gateway.Residents;
using Grid.Keys;
using Grid.Residents;
using Grid.Silo.Stores;
using Grid.Silo.Transfer;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>import FILE [--format csv|ndjson] [--charset utf-8|gb18030]</c>: registers the residents of a registry file (- is standard input), checked line
/// by line as <c>POST /v1/residents/import</c> does. Reports counts, and line numbers and codes of what was refused; never
/// anything of a person. A second run finds duplicates and changes nothing. A file that <c>export</c> wrote is known by its first
/// line and fills an empty store, see <see cref="ExportCommand"/>.
/// </summary>
internal static class ImportCommand
{
    private const int ReadBytes = 64 << 10;
    private const int TellEvery = 50_000;

    internal static async Task RunAsync(CommandArguments arguments)
    {
        arguments.Allow("format", "charset");
        if (arguments.Words is not [_, var path])
            throw new CommandException("The command 'import' takes one file: import FILE [--format csv|ndjson] [--charset utf-8|gb18030].");
        if (path != "-" && arguments.Option("format") is null && File.Exists(path) && GridTransfer.IsExport(path))
        {
            await ExportCommand.ImportAsync(arguments, path);
            return;
        }

        var format = arguments.Option("format") ?? (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? "csv" : "ndjson");
        if (format is not ("csv" or "ndjson"))
            throw new CommandException("The option --format is csv or ndjson.");
        var encoding = Charsets.Find(arguments.Option("charset") ?? "utf-8")
            ?? throw new CommandException("The option --charset is utf-8 or gb18030.");
        if (format == "ndjson" && !Charsets.IsUtf8(encoding))
            throw new CommandException("NDJSON is always UTF-8; --charset is for CSV.");
        if (DemoFolder.IsIn(arguments.DataFolder))
            throw new CommandException("The data folder has a demo city; name another folder with --Grid:Data.");

        await using var stream = path == "-" ? Console.OpenStandardInput() : OpenFile(path);
        using var host = CommandHost.ForGrains(arguments);
        // Opens the store first: a folder that another process serves is refused in one line.
        host.Services.GetKeyedService<IGrainStorage>(GridGrainStorage.Name);
        host.Services.GetRequiredService<KeyRing>();
        await host.StartAsync();
        try
        {
            Report(await ImportAsync(host.Services, stream, new RegistryFile(format == "csv" ? encoding : null)));
        }
        catch (RegistryFileException fault)
        {
            throw new CommandException(fault.Message);
        }
        finally
        {
            await host.StopAsync();
        }
    }

    private static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        BufferSize = 0,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });

    private static async Task<ImportAnswer> ImportAsync(IServiceProvider services, Stream stream, RegistryFile file)
    {
        var options = services.GetRequiredService<IConfiguration>().GetSection(GatewayOptions.Section).Get<GatewayOptions>()
            ?? new GatewayOptions();
        var grains = services.GetRequiredService<IGrainFactory>();
        var keys = services.GetRequiredService<ResidentKeys>();
        var time = services.GetRequiredService<TimeProvider>();
        var taken = 0;
        var body = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        var answer = await new LineImport(options.LineBytesMax, options.ImportInFlightMax, time, file.IsCsv)
            .RunAsync(body, Parse, Take, CancellationToken.None);
        await body.CompleteAsync();
        return answer;

        Registration? Parse(ReadOnlyMemory<byte> line)
        {
            if (++taken % TellEvery == 0)
                Console.Error.WriteLine($"{taken:#,0} lines …");
            return file.Read(line) is { } request ? ResidentsEndpoints.Read(request, time) : null;
        }

        ValueTask<LineOutcome> Take(Registration? registration)
            => registration is null ? new(LineOutcome.Heading) : ResidentsEndpoints.RegisterAsync(registration, grains, keys);
    }

    private static void Report(ImportAnswer answer)
    {
        Console.Out.WriteLine(
            $"accepted {answer.Accepted}\nduplicates {answer.Duplicates}\nconflicts {answer.Conflicts}\nrejected {answer.Rejected}");
        foreach (var error in answer.Errors)
            Console.Out.WriteLine($"line {error.Line} {error.Code}");
        var refused = answer.Rejected + answer.Conflicts;
        if (refused > answer.Errors.Count)
            Console.Out.WriteLine($"and {refused - answer.Errors.Count} more");
        if (refused > 0 && answer.Accepted + answer.Duplicates == 0)
            throw new CommandException($"No line was taken: all {refused} were refused.");
    }
}
