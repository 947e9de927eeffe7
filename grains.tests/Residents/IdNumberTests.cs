using FsCheck;
using FsCheck.Fluent;
using Grid.Residents;

namespace Grid.Tests.Residents;

public class IdNumberTests
{
    private static readonly DateOnly Today = new(2022, 1, 4);

    [Theory]
    [InlineData("11010519491231002X", 110105, "1949-12-31", Sex.Female)] // the two examples of GB 11643-1999
    [InlineData("440524188001010014", 440524, "1880-01-01", Sex.Male)]
    [InlineData("440524201812160028", 440524, "2018-12-16", Sex.Female)]
    public void Published_numbers_are_read(string text, int region, string birth, Sex sex)
    {
        Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse(text, Today, out var number));
        Assert.Equal(region, number.Region);
        Assert.Equal(DateOnly.Parse(birth), number.BirthDate);
        Assert.Equal(sex, number.Sex);
        Assert.Equal(text, number.Reveal());
    }

    [Fact]
    public void A_lower_case_x_is_taken_as_X()
    {
        Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse("11010519491231002x", Today, out var number));
        Assert.Equal("11010519491231002X", number.Reveal());
    }

    [Theory]
    [InlineData("", IdNumberOutcome.Length)]
    [InlineData("110105491231002", IdNumberOutcome.Length)] // fifteen digits are no longer valid
    [InlineData("11010519491231002X0", IdNumberOutcome.Length)]
    [InlineData("1101051949123100X2", IdNumberOutcome.Characters)]
    [InlineData("11010519491231002Y", IdNumberOutcome.Characters)]
    [InlineData("１1010519491231002X", IdNumberOutcome.Characters)] // a full-width digit
    [InlineData("160105194912310029", IdNumberOutcome.Region)]
    [InlineData("010105194912310029", IdNumberOutcome.Region)]
    [InlineData("110005194912310029", IdNumberOutcome.Region)]
    [InlineData("611205194912310029", IdNumberOutcome.Region)]
    [InlineData("932682198501010017", IdNumberOutcome.Region)] // a foreign permanent resident
    [InlineData("110105194900310029", IdNumberOutcome.BirthDate)]
    [InlineData("110105194913310029", IdNumberOutcome.BirthDate)]
    [InlineData("110105194911310029", IdNumberOutcome.BirthDate)]
    [InlineData("110105190002290029", IdNumberOutcome.BirthDate)]
    [InlineData("110105187912310029", IdNumberOutcome.BirthDate)]
    [InlineData("110105202201050029", IdNumberOutcome.BirthDate)] // born tomorrow
    [InlineData("110105000001010029", IdNumberOutcome.BirthDate)]
    [InlineData("110105194912310021", IdNumberOutcome.CheckDigit)]
    [InlineData("11010519491231012X", IdNumberOutcome.CheckDigit)]
    public void A_wrong_number_is_refused_for_its_first_error(string text, IdNumberOutcome expected)
    {
        Assert.Equal(expected, IdNumber.Parse(text, Today, out var number));
        Assert.Equal(default, number);
    }

    [Fact]
    public void A_child_born_today_is_accepted()
    {
        string text = IdNumber.Create(610113, Today, 7).Reveal();
        Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse(text, Today, out _));
        Assert.Equal(IdNumberOutcome.BirthDate, IdNumber.Parse(text, Today.AddDays(-1), out _));
    }

    [Theory]
    [InlineData(610102, true)]
    [InlineData(611024, true)]
    [InlineData(612301, true)] // Hanzhong, a prefecture until 1996
    [InlineData(619001, true)]
    [InlineData(611101, false)]
    [InlineData(612801, false)]
    [InlineData(441900, true)] // Dongguan has no districts
    [InlineData(810000, true)]
    [InlineData(830000, true)]
    [InlineData(840000, false)]
    [InlineData(660101, false)]
    [InlineData(0, false)]
    [InlineData(-610102, false)]
    [InlineData(460000, false)]
    [InlineData(460008, false)]
    [InlineData(460020, false)]
    [InlineData(460040, false)]
    [InlineData(610000, false)] // a province issues no numbers
    [InlineData(429004, true)] // Xiantao, directly under Hubei
    [InlineData(659001, true)] // Shihezi, directly under Xinjiang
    public void A_region_code_is_checked_by_what_is_certain(int code, bool plausible) =>
        Assert.Equal(plausible, RegionCode.IsPlausible(code));

    [Fact]
    public void Every_address_code_of_1980_to_2020_is_accepted()
    {
        int[] issued = [.. IssuedCodes()];
        Assert.True(issued.Length > 7_000, $"{issued.Length} codes");
        Assert.Equal(26, issued.Count(code => code / 100 == 4600));
        Assert.DoesNotContain(issued, code => !RegionCode.IsPlausible(code));
        Assert.All(issued, code =>
            Assert.Equal(IdNumberOutcome.Valid, IdNumber.Parse(IdNumber.Create(code, Today, 7).Reveal(), Today, out _))
        );
    }

    [Fact]
    public void A_prefecture_that_never_existed_is_refused()
    {
        HashSet<int> issued = [.. IssuedCodes().Select(code => code / 100)];
        Assert.DoesNotContain(Enumerable.Range(110_000, 600_000), code =>
            RegionCode.IsPlausible(code) && !issued.Contains(code / 100)
        );
    }

    // Each line names a prefecture and its counties as ranges.
    private static IEnumerable<int> IssuedCodes()
    {
        foreach (
            string line in File.ReadLines(
                Path.Combine(AppContext.BaseDirectory, "Residents", "issued-address-codes.txt")
            )
        )
        {
            string[] parts = line.Split(' ');
            foreach (string[] ends in parts.Skip(1).Select(range => range.Split('-')))
            {
                for (int county = int.Parse(ends[0]); county <= int.Parse(ends[^1]); county++)
                    yield return int.Parse(parts[0]) * 100 + county;
            }
        }
    }

    [Fact]
    public void Any_change_of_one_character_is_detected() =>
        Prop.ForAll(Numbers().ToArbitrary(), text =>
            {
                for (int place = 0; place < IdNumber.Length; place++)
                {
                    foreach (char other in "0123456789X")
                    {
                        char[] changed = text.ToCharArray();
                        changed[place] = other;
                        bool accepted = IdNumber.Parse(changed, Today, out _) == IdNumberOutcome.Valid;
                        if (accepted != (other == text[place]))
                            return false;
                    }
                }

                return true;
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_swap_of_two_adjacent_characters_is_detected() =>
        Prop.ForAll(Numbers().ToArbitrary(), text => Enumerable
                    .Range(0, IdNumber.Length - 1)
                    .All(place =>
                    {
                        char[] changed = text.ToCharArray();
                        (changed[place], changed[place + 1]) = (changed[place + 1], changed[place]);
                        bool accepted = IdNumber.Parse(changed, Today, out _) == IdNumberOutcome.Valid;
                        return accepted == (text[place] == text[place + 1]);
                    }))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_created_number_is_read_back() =>
        Prop.ForAll(Numbers().ToArbitrary(), text =>
            {
                var outcome = IdNumber.Parse(text, Today, out var number);
                return outcome == IdNumberOutcome.Valid
                    && number == IdNumber.Create(number.Region, number.BirthDate, number.Sequence)
                    && number.Reveal() == text
                    && IdNumber.CheckCharacter(text.AsSpan(0, 17)) == text[17];
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_parser_throws_for_no_text() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<string?>().ToArbitrary(), text =>
                IdNumber.Parse(text, Today, out _) != IdNumberOutcome.Valid
            )
            .QuickCheckThrowOnFailure();

    private static Gen<string> Numbers() =>
        from district in Gen.Elements(Districts.All.ToArray())
        from day in Gen.Choose(IdNumber.EarliestBirth.DayNumber, Today.DayNumber)
        from sequence in Gen.Choose(0, 999)
        select IdNumber.Create(int.Parse(district.Code), DateOnly.FromDayNumber(day), sequence).Reveal();
}
