using Grid.Codes;
using Grid.Residents;
using Grid.Tests.Fixtures;
using Grid.Vaccination;

namespace Grid.Tests.Residents;

public sealed class ResidentGrainTests(GridFixture grid) : GrainTest(grid)
{
    [Fact]
    public async Task An_unregistered_resident_is_grey_and_accepts_nothing()
    {
        var key = Guid.NewGuid();

        var view = await Resident(key).Show();

        Assert.Equal((false, CodeColour.Grey), (view.Registered, view.Colour));
        Assert.False(await Resident(key).HasPhone(PhoneNumber.Parse("13900000000")));
        Assert.False(await Resident(key).Vaccinate(Dose(key, "R")));
    }

    [Fact]
    public async Task A_resident_is_registered_once_and_the_first_registration_stays()
    {
        var key = Guid.NewGuid();
        var registration = NewRegistration();

        Assert.Equal(new RegistrationAnswer(true, ProfileFields.None), await Resident(key).Register(registration));
        Assert.Equal(new RegistrationAnswer(false, ProfileFields.None), await Resident(key).Register(registration));
        Assert.Equal(
            new RegistrationAnswer(false, ProfileFields.Name | ProfileFields.Phone),
            await Resident(key).Register(registration with { Name = "李娜", Phone = PhoneNumber.Parse("13900000001") })
        );

        var view = await Resident(key).Show();
        Assert.Equal((true, "张*", CodeColour.Green, 1), (view.Registered, view.Name, view.Colour, view.Version));
        Assert.True(await Resident(key).HasPhone(PhoneNumber.Parse("13900000000")));
        Assert.False(await Resident(key).HasPhone(PhoneNumber.Parse("13900000001")));
    }

    [Fact]
    public async Task Concurrent_registrations_make_one_resident()
    {
        var key = Guid.NewGuid();
        var registration = NewRegistration();

        var made = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Resident(key).Register(registration)));

        Assert.Single(made, each => each.Created);
        Assert.Equal(1, (await Resident(key).Show()).Version);
    }

    [Fact]
    public async Task A_vaccination_record_counts_once()
    {
        var key = await NewResident();
        var dose = Dose(key, NewId("R"));
        var record = Grains.GetGrain<IDoseGrain>(dose.RecordId);

        Assert.Equal(DoseStatus.Accepted, await record.Report(dose, dose.Clinic));
        Assert.Equal(DoseStatus.Replayed, await record.Report(dose, dose.Clinic));
        Assert.Equal(DoseStatus.Conflict, await record.Report(dose with { Number = 3 }, dose.Clinic));
        Assert.Equal(
            DoseStatus.Conflict,
            await record.Report(dose with { Resident = await NewResident() }, dose.Clinic)
        );

        var view = await Resident(key).Show();
        Assert.Equal(new VaccinationView(2, dose.At), view.Vaccination);
        Assert.Equal("BBIBP-CorV", Assert.Single((await Resident(key).History()).Doses).Product);
    }

    [Fact]
    public async Task A_vaccination_of_an_unregistered_resident_is_refused_and_can_be_repeated_later()
    {
        var key = Guid.NewGuid();
        var dose = Dose(key, NewId("R"));
        var record = Grains.GetGrain<IDoseGrain>(dose.RecordId);

        Assert.Equal(DoseStatus.ResidentUnknown, await record.Report(dose, dose.Clinic));
        await Resident(key).Register(NewRegistration());
        Assert.Equal(DoseStatus.Accepted, await record.Report(dose, dose.Clinic));
    }

    private static DoseRecord Dose(Guid resident, string recordId) =>
        new(recordId, resident, "BBIBP-CorV", 2, Start.AddDays(-30), "clinic-1");
}
