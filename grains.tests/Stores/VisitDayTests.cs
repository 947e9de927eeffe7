using Grid.Silo.Stores;

namespace Grid.Tests.Stores;

public sealed class VisitDayTests
{
    [Theory]
    [InlineData("2026-01-04T15:59:59Z", 20260104)]
    [InlineData("2026-01-04T16:00:00Z", 20260105)]
    [InlineData("2025-12-31T16:00:00Z", 20260101)]
    public void A_day_begins_at_midnight_in_China(string moment, int day)
    {
        var at = DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(day, VisitDay.Of(at));
        Assert.InRange(at, VisitDay.Start(day), VisitDay.Start(day).AddDays(1).AddTicks(-1));
    }

    [Theory]
    [InlineData(20260228, 1, 20260301)]
    [InlineData(20240228, 1, 20240229)]
    [InlineData(20260101, -1, 20251231)]
    public void Days_are_counted_over_months_and_years(int day, int days, int expected) =>
        Assert.Equal(expected, VisitDay.Add(day, days));

    [Theory]
    [InlineData(20260104, 20260104)]
    [InlineData(20260105, 20260105)]
    [InlineData(20251228, 20251228)]
    [InlineData(20251227, 20260104)]
    [InlineData(20260106, 20260104)]
    [InlineData(null, 20260104)]
    public void An_id_is_filed_under_its_own_day_within_the_window_only(int? named, int filed) =>
        Assert.Equal(filed, VisitDay.File(named, 20260104));

    [Theory]
    [InlineData("018cd0b0-0000-7000-8000-000000000000", 20240104)]
    [InlineData("018CD0B0-0000-7000-8000-000000000000", 20240104)]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff", null)]
    [InlineData("018cd0b0-0000-4000-8000-000000000000", null)]
    [InlineData("018cd0b000007000800000000000000000", null)]
    [InlineData("gate-1", null)]
    public void Only_a_uuid_of_version_7_names_a_day(string scanId, int? day)
    {
        var key = VisitKey.Of(scanId, stackalloc byte[256]);
        Assert.Equal(day, key.Day);
        Assert.Equal(scanId, VisitKey.Format(key.IsText, key.Bytes));
    }
}
