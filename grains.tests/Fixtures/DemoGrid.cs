using Grid.Commands.Demo;
using Grid.Gateway.Commands;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Fixtures;

/// <summary>A host with a small demo city in its folder.</summary>
public sealed class DemoGrid : GridHost
{
    internal const int Residents = 2_000;

    internal City City { get; private set; } = null!;

    internal CityStates States { get; private set; } = null!;

    internal Showcase Showcase { get; private set; } = null!;

    internal override async Task StartAsync()
    {
        Assert.Equal(
            0,
            await GatewayCommands.RunAsync(["demo", "--residents", $"{Residents}", "--serve", "false", .. Arguments])
        );
        await base.StartAsync();
        var note = new DemoFolder(Data).Read()!;
        City = new City(note.Residents, note.AsOf, note.Seed);
        States = new CityStates(
            City,
            Services.GetRequiredService<ResidentKeys>(),
            Services.GetRequiredService<ProfileVault>()
        );
        Showcase = Showcase.Of(City);
    }

    internal string TokenOf(int resident) => Token(Role.Resident, $"{States.KeyOf(resident)}");
}

/// <summary>Tests that share one demo city: generating it takes seconds.</summary>
[CollectionDefinition(Name)]
public sealed class DemoCollection : ICollectionFixture<DemoGrid>
{
    internal const string Name = "demo";
}
