using System.Reflection;
using Grid.Residents;

namespace Grid.Tests.Cluster;

/// <summary>Which methods the gate treats as reads: each grain method is listed as a read or a change.</summary>
public sealed class GateFilterTests
{
    private static readonly string[] Reads =
    [
        "IClientGrain.SignIn",
        "IConflictIndexGrain.Entries",
        "IImportReportsGrain.Find",
        "IResidentGrain.HasPhone",
        "IResidentGrain.History",
        "IResidentGrain.Phone",
        "IResidentGrain.Show",
        "IResidentGrain.Warm",
        "IRevocationsGrain.All",
        "IRingGrain.Mark",
        "ITubeGrain.Conflict",
        "ITubeGrain.Get",
        "IVenueGrain.Get",
    ];

    [Fact]
    public void Every_grain_method_that_only_reads_is_a_read()
    {
        var methods = typeof(ResidentGrain)
            .Assembly.GetTypes()
            .Where(static type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))
            .SelectMany(static type => type.GetMethods());
        Assert.Equal(
            Reads.Order(StringComparer.Ordinal),
            methods
                .Where(static method => method.IsDefined(typeof(Orleans.Concurrency.ReadOnlyAttribute)))
                .Select(static method => $"{method.DeclaringType!.Name}.{method.Name}")
                .Order(StringComparer.Ordinal)
        );
    }
}
