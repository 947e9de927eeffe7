using Grid.Residents;

namespace Grid.Tests.Residents;

public class DistrictTests
{
    [Fact]
    public void Every_district_is_found_by_its_code_and_starts_a_valid_number()
    {
        Assert.Equal(13, Districts.All.Count);
        foreach (var district in Districts.All)
        {
            Assert.Same(district, Districts.Find(district.Code));
            Assert.Same(district, Districts.Find($"x{district.Code}".AsSpan(1)));
            Assert.True(RegionCode.IsPlausible(int.Parse(district.Code)));
        }
    }

    [Theory]
    [InlineData("610101")]
    [InlineData("")]
    [InlineData("雁塔区")]
    public void A_code_of_another_place_is_not_found(string code) => Assert.Null(Districts.Find(code));

    [Fact]
    public void The_civil_day_begins_at_sixteen_hundred_utc()
    {
        Assert.Equal(new DateOnly(2022, 1, 4), CivilDay.Of(DateTimeOffset.Parse("2022-01-04T15:59:59Z")));
        Assert.Equal(new DateOnly(2022, 1, 5), CivilDay.Of(DateTimeOffset.Parse("2022-01-04T16:00:00Z")));
    }
}
