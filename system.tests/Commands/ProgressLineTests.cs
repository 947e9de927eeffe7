using Grid.Commands;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Grid.Tests.Commands;

public sealed class ProgressLineTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void Work_under_a_second_shows_no_progress()
    {
        var progress = new ProgressLine(_output, _time, isTerminal: true);
        progress.Begin("residents", 10);
        progress.Add(10);
        _time.Advance(TimeSpan.FromSeconds(0.9));
        progress.End();
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public void Without_a_terminal_there_is_a_line_every_five_seconds()
    {
        var progress = new ProgressLine(_output, _time, isTerminal: false);
        progress.Begin("residents", 1_000);
        for (var second = 1; second <= 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            progress.Add(100);
        }
        progress.End();
        Assert.Equal(
            "residents: 10 %, 100 of 1,000, 100/s, 9 s left\n"
                + "residents: 60 %, 600 of 1,000, 100/s, 4 s left\n"
                + "residents: 1,000 in 10.0 s\n",
            _output.ToString()
        );
    }

    [Fact]
    public void On_a_terminal_a_bar_is_overwritten()
    {
        var progress = new ProgressLine(_output, _time, isTerminal: true);
        progress.Begin("residents", 1_000);
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Add(500);
        progress.End();
        Assert.Equal(
            "\rresidents: [############............] 50 %, 500 of 1,000, 250/s, 2 s left\e[K"
                + "\rresidents: 500 in 2.0 s\e[K\n",
            _output.ToString()
        );
    }

    [Fact]
    public void A_count_without_a_total_has_no_percentage()
    {
        var progress = new ProgressLine(_output, _time, isTerminal: false);
        progress.Begin("lines", total: null);
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Add(500);
        Assert.Equal("lines: 500, 250/s\n", _output.ToString());
    }

    [Fact]
    public void A_new_name_starts_a_new_phase()
    {
        var progress = new ProgressLine(_output, _time, isTerminal: false);
        progress.Report("pages of one", 1, 4);
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Report("pages of one", 4, 4);
        progress.Report("pages of two", 1, 4);
        progress.End();
        Assert.Equal("pages of one: 100 %, 4 of 4, 2/s, 0 s left\npages of one: 4 in 2.0 s\n", _output.ToString());
    }
}
