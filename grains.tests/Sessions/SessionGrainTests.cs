using Grid.Residents;
using Grid.Sessions;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Sessions;

public sealed class SessionGrainTests(GridFixture grid) : GrainTest(grid)
{
    private static readonly PhoneNumber Phone = PhoneNumber.Parse("13900000000");

    [Fact]
    public async Task A_code_opens_once()
    {
        var session = Session(await NewResident());
        var id = Guid.NewGuid();
        var code = (await session.Challenge(Phone, id)).Code!;

        Assert.Matches("^[0-9]{6}$", code);
        Assert.False(await session.Redeem(id, Wrong(code)));
        Assert.True(await session.Redeem(id, code));
        Assert.False(await session.Redeem(id, code));
    }

    [Fact]
    public async Task Another_phone_or_an_unknown_resident_gets_no_code()
    {
        Assert.Null(
            (await Session(await NewResident()).Challenge(PhoneNumber.Parse("13900000001"), Guid.NewGuid())).Code
        );
        Assert.Null((await Session(Guid.NewGuid()).Challenge(Phone, Guid.NewGuid())).Code);
    }

    [Fact]
    public async Task A_code_expires()
    {
        var session = Session(await NewResident());
        var id = Guid.NewGuid();
        var code = (await session.Challenge(Phone, id)).Code!;

        Clock.Advance(OneTimeCodes.Life);

        Assert.False(await session.Redeem(id, code));
    }

    [Fact]
    public async Task A_code_is_void_after_too_many_wrong_attempts()
    {
        var session = Session(await NewResident());
        var id = Guid.NewGuid();
        var code = (await session.Challenge(Phone, id)).Code!;

        for (var i = 0; i < OneTimeCodes.MaxAttempts; i++)
            Assert.False(await session.Redeem(id, Wrong(code)));

        Assert.False(await session.Redeem(id, code));
    }

    [Fact]
    public async Task A_phone_gets_a_bounded_number_of_codes_an_hour()
    {
        var session = Session(await NewResident());
        for (var i = 0; i < SessionGrain.MaxCodesPerHour; i++)
            Assert.NotNull((await session.Challenge(Phone, Guid.NewGuid())).Code);

        Assert.Null((await session.Challenge(Phone, Guid.NewGuid())).Code);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull((await session.Challenge(Phone, Guid.NewGuid())).Code);
    }

    [Fact]
    public async Task A_guess_for_one_challenge_uses_up_no_attempt_of_another()
    {
        var session = Session(await NewResident());
        var (own, other) = (Guid.NewGuid(), Guid.NewGuid());
        var code = (await session.Challenge(Phone, own)).Code!;
        var second = (await session.Challenge(Phone, other)).Code!;

        for (var i = 0; i < OneTimeCodes.MaxAttempts; i++)
        {
            Assert.False(await session.Redeem(other, Wrong(second)));
            Assert.False(await session.Redeem(Guid.NewGuid(), code));
        }

        Assert.False(await session.Redeem(other, second));
        Assert.True(await session.Redeem(own, code));
    }

    private ISessionGrain Session(Guid resident) => Grains.GetGrain<ISessionGrain>(resident);

    private static string Wrong(string code) => code == "000000" ? "000001" : "000000";
}
