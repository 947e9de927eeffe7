using System.CommandLine;
using System.IO.Pipelines;
using System.Text;
using Grid.Commands;
using Grid.Commands.Demo;
using Grid.Gateway.Hosting;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.Residents;
using Grid.Keys;
using Grid.Residents;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>import FILE</c>: registers the residents of a registry file, validated line by line as in
/// <c>POST /v1/residents/import</c>. Reports counts, and line numbers and codes of refused lines; never personal data.
/// A second run finds duplicates and changes nothing. A file from <c>export</c> is recognised by its first line and
/// fills an empty store, see <see cref="ExportCommand"/>.
/// </summary>
internal static class ImportCommand
{
    private const string Csv = "csv";
    private const string Ndjson = "ndjson";
    private const string DefaultCharset = "utf-8";
    private const int ReadBytes = 64 << 10;

    internal static Command Create(CommandSettings settings)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "A registry file, or a file from 'export'; a dash (-) reads standard input.",
        };
        var format = CommandOptions.OneOf(
            "--format",
            "The format of the lines. Default: csv for a file named .csv, else ndjson.",
            [Csv, Ndjson]
        );
        var charset = new Option<string>("--charset")
        {
            Description = "The encoding of a CSV file; NDJSON is always UTF-8.",
            HelpName = "utf-8|gb18030",
            DefaultValueFactory = static _ => DefaultCharset,
            CustomParser = static result =>
                CommandOptions.Read<string>(
                    result,
                    static name => Charsets.Find(name) is null ? null : name,
                    "The option --charset must be utf-8 or gb18030."
                ),
        };
        var command = new GridCommand(
            "import",
            "Registers the residents of a registry file; a line that is stored already changes nothing.",
            "gateway import registry.csv --charset gb18030"
        )
        {
            file,
            format,
            charset,
        };
        command.SetAction(
            (parsed, _) =>
                RunAsync(
                    settings,
                    parsed.GetRequiredValue(file),
                    parsed.GetValue(format),
                    Charsets.Find(parsed.GetRequiredValue(charset))!
                )
        );
        return command;
    }

    private static async Task RunAsync(CommandSettings settings, string path, string? named, Encoding encoding)
    {
        if (path != "-" && named is null && File.Exists(path) && SiloInProcess.IsExport(path))
        {
            await ExportCommand.ImportAsync(settings, path);
            return;
        }
        var isCsv = (named ?? (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? Csv : Ndjson)) == Csv;
        if (!isCsv && !Charsets.IsUtf8(encoding))
            throw new UsageException("NDJSON is always UTF-8; --charset is for CSV.");
        if (DemoFolder.IsIn(settings.DataFolder))
            throw new CommandException("The data folder has a demo city; name another folder with --Grid:Data.");

        await using var stream = path == "-" ? Console.OpenStandardInput() : OpenFile(path);
        using var host = CommandHost.ForGrains(settings);
        host.Services.OpenStore();
        host.Services.GetRequiredService<KeyRing>();
        await host.StartAsync();
        try
        {
            Report(await ImportAsync(host.Services, stream, new RegistryFile(isCsv ? encoding : null)));
        }
        catch (RegistryFileException exception)
        {
            throw new CommandException(exception.Message);
        }
        finally
        {
            await host.StopAsync();
        }
    }

    private static FileStream OpenFile(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                BufferSize = 0,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            }
        );

    private static async Task<ImportAnswer> ImportAsync(IServiceProvider services, Stream stream, RegistryFile file)
    {
        var options = services
            .GetRequiredService<IConfiguration>()
            .GetSection(GatewayOptions.Section)
            .Get<GatewayOptions>()
            ?? new GatewayOptions();
        var grains = services.GetRequiredService<IGrainFactory>();
        var keys = services.GetRequiredService<ResidentKeys>();
        var time = services.GetRequiredService<TimeProvider>();
        var progress = ProgressLine.OfConsole(time);
        // The number of lines is unknown until all are read.
        progress.Begin("lines", total: null);
        var body = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        var answer = await new LineImport(options.LineBytesMax, options.ImportInFlightMax, time, file.IsCsv).RunAsync(
            body,
            Parse,
            Take,
            CancellationToken.None
        );
        await body.CompleteAsync();
        progress.End();
        return answer;

        Registration? Parse(ReadOnlyMemory<byte> line)
        {
            progress.Add(1);
            return file.Read(line) is { } request ? ResidentsEndpoints.Read(request, time) : null;
        }

        ValueTask<LineOutcome> Take(Registration? registration) =>
            registration is null
                ? new(LineOutcome.Heading)
                : ResidentsEndpoints.RegisterLineAsync(registration, grains, keys);
    }

    private static void Report(ImportAnswer answer)
    {
        Console.Out.WriteLine(
            $"accepted {answer.Accepted}\nduplicates {answer.Duplicates}\n"
                + $"conflicts {answer.Conflicts}\nrejected {answer.Rejected}"
        );
        foreach (var error in answer.Errors)
            Console.Out.WriteLine($"line {error.Line} {error.Code}");
        var refused = answer.Rejected + answer.Conflicts;
        if (refused > answer.Errors.Count)
            Console.Out.WriteLine($"and {refused - answer.Errors.Count} more");
        if (refused > 0 && answer.Accepted + answer.Duplicates == 0)
            throw new CommandException($"No line was taken: all {refused} were refused.");
    }
}
