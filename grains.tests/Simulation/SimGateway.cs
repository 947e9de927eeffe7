using Grid.Gateway.Calls;
using Grid.Gateway.Hosting;
using Grid.Gateway.Residents;
using Grid.Gateway.Scans;
using Grid.Gateway.Venues;
using Grid.Residents;
using Grid.Scans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Simulation;

/// <summary>The gateway of a member without HTTP: its real services over simulated calls.</summary>
internal sealed class SimGateway
{
    private readonly SimProcess _process;

    internal SimGateway(SimMember member)
    {
        _process = member.Process;
        Grains = member.Calls.Grains;
        Residents = new ResidentReader(Grains, member.Services.GetService<ResidentViews>());
        Scans = new ScanService(
            Grains,
            Residents,
            new VenueBook(Grains, _process.Clock, DefaultOptions),
            _process.Clock,
            member.Services.GetService<IVisitLog>()
        );
        member.Calls.Filters = [new GrainCalls(DefaultOptions, _process.Clock)];
    }

    private static readonly IOptions<GatewayOptions> DefaultOptions = Options.Create(new GatewayOptions());

    /// <summary>The deadline for all grain calls of a request.</summary>
    internal static TimeSpan Deadline => DefaultOptions.Value.CallDeadline;

    internal IGrainFactory Grains { get; }

    internal ResidentReader Residents { get; }

    internal ScanService Scans { get; }

    /// <summary>Starts the deadline of a request, as the gateway does for requests with several calls.</summary>
    internal void StartDeadline() => RequestDeadline.Start(_process.Clock, Deadline);
}
