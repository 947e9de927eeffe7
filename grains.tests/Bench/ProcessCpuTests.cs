using Grid.Bench.Load.Measure;

namespace Grid.Tests.Bench;

public sealed class ProcessCpuTests
{
    [Fact]
    public void A_stat_line_is_read_past_a_name_with_spaces_and_parentheses()
    {
        const string Line = "42 (a (b) c) S 7 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 1 0 500 1 1";

        Assert.True(ProcessCpu.TryParse(Line, out var parent, out var ticks));
        Assert.Equal(7, parent);
        Assert.Equal(11 + 22 + 33 + 44, ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 (x) S 7")]
    [InlineData("42 (x) S p 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20")]
    public void A_line_of_another_shape_is_refused(string line) =>
        Assert.False(ProcessCpu.TryParse(line, out _, out _));
}
