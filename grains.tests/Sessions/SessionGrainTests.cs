using Grid.Sessions;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Sessions;

public sealed class SessionGrainTests(GridFixture grid) : GrainTest(grid)
{
    private const string Phone = "13900000000";

    [Fact]
    public async Task A_code_opens_once()
    {
        var session = Session(await NewResident());
        var code = (await session.Challenge(Phone)).Code!;

        Assert.Matches("^[0-9]{6}$", code);
        Assert.False(await session.Redeem(Wrong(code)));
        Assert.True(await session.Redeem(code));
        Assert.False(await session.Redeem(code));
    }

    [Fact]
    public async Task Another_phone_or_somebody_unknown_gets_no_code()
    {
        Assert.Null((await Session(await NewResident()).Challenge("13900000001")).Code);
        Assert.Null((await Session(Guid.NewGuid()).Challenge(Phone)).Code);
    }

    [Fact]
    public async Task A_code_lapses()
    {
        var session = Session(await NewResident());
        var code = (await session.Challenge(Phone)).Code!;

        Clock.Advance(SessionGrain.CodeLife);

        Assert.False(await session.Redeem(code));
    }

    [Fact]
    public async Task A_code_is_void_after_too_many_wrong_ones()
    {
        var session = Session(await NewResident());
        var code = (await session.Challenge(Phone)).Code!;

        for (var i = 0; i < SessionGrain.AttemptsMax; i++)
            Assert.False(await session.Redeem(Wrong(code)));

        Assert.False(await session.Redeem(code));
    }

    [Fact]
    public async Task A_phone_gets_a_bounded_number_of_codes_an_hour()
    {
        var session = Session(await NewResident());
        for (var i = 0; i < SessionGrain.CodesPerHourMax; i++)
            Assert.NotNull((await session.Challenge(Phone)).Code);

        Assert.Null((await session.Challenge(Phone)).Code);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull((await session.Challenge(Phone)).Code);
    }

    private ISessionGrain Session(Guid resident) => Grains.GetGrain<ISessionGrain>(resident);

    private static string Wrong(string code) => code == "000000" ? "000001" : "000000";
}
