using Grid.Tests.Fixtures;
using static Grid.Tests.Fixtures.GrainFixture;

namespace Grid.Tests.Engine;

/// <summary>What passes between a caller and a grain: arguments, results, errors, references.</summary>
public sealed class MessageTests
{
    [Fact]
    public async Task A_grain_and_its_caller_share_no_mutable_object()
    {
        await using var silo = await StartAsync();
        var grain = silo.InSilo.GetGrain<IMessageGrain>(Guid.NewGuid().ToString());
        var sent = new List<int> { 1, 2, 3 };
        await Within(grain.Keep(sent), "first call");
        sent.Add(4);
        var got = await Within(grain.Kept().AsTask(), "read");
        Assert.Equal(3, got.Count);
        got.Clear();
        (await Within(grain.KeptLater(), "later read")).Clear();
        Assert.Equal(3, (await grain.Kept()).Count);
        await grain.Keep(sent);
        sent.Clear();
        Assert.Equal(4, (await grain.Kept()).Count);
    }

    [Fact]
    public async Task What_is_immutable_is_shared()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid().ToString();
        var grain = silo.InSilo.GetGrain<IMessageGrain>(key);
        var thing = new FixedThing { Value = 1 };
        Assert.Same(thing, await Within(grain.Same(thing).AsTask(), "first call"));
        Assert.Same(thing, await grain.Same(thing));
        var numbers = new List<int>();
        MessageGrain.Left[key] = numbers;
        Assert.True(await Within(grain.IsSame(numbers), "marked argument"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_reaches_the_caller_with_type_message_and_the_grains_stack(bool isActive)
    {
        await using var silo = await StartAsync();
        var grain = silo.Grains.GetGrain<IMessageGrain>(Guid.NewGuid().ToString());
        if (isActive)
        {
            await grain.Keep([]);
        }

        var atOnce = await Assert.ThrowsAsync<GrainTroubleException>(() => Within(grain.FailAtOnce("first"), "at once"));
        Assert.Equal("first", atOnce.Message);
        Assert.Contains(nameof(MessageGrain.FailAtOnce), atOnce.StackTrace);
        var later = await Assert.ThrowsAsync<GrainTroubleException>(() => Within(grain.FailLater("second").AsTask(), "later"));
        Assert.Equal("second", later.Message);
        Assert.Contains(nameof(MessageGrain.FailLater), later.StackTrace);
        Assert.Empty(await grain.Kept());
    }

    [Fact]
    public async Task A_method_that_returns_no_task_fails_its_call_alone()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grains.GetGrain<IMessageGrain>(Guid.NewGuid().ToString());
        await Assert.ThrowsAnyAsync<Exception>(() => Within(grain.Nothing(), "first call"));
        await Assert.ThrowsAnyAsync<Exception>(() => Within(grain.Nothing(), "second call"));
        Assert.Empty(await Within(grain.Kept().AsTask(), "next call"));
    }

    [Fact]
    public async Task A_grain_has_one_identity_whatever_its_reference_was_made_of()
    {
        await using var silo = await StartAsync();
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var id = grain.GetGrainId();
        Assert.Equal($"turn/{key:N}", id.ToString());
        Assert.Equal(id, GrainId.Parse(id.ToString()));
        Assert.Equal(id.GetHashCode(), GrainId.Create("turn", key.ToString("N")).GetHashCode());
        Assert.Equal(key, grain.GetPrimaryKey());
        Assert.Equal(key, id.GetGuidKey());
        Assert.Equal(grain, silo.Grains.GetGrain<ITurnGrain>(id));
        await grain.WriteAtOnce();
        Assert.Equal(1, await silo.Grains.GetGrain<ITurnGrain>(id).Count());

        var named = silo.Grains.GetGrain<IMessageGrain>("venue/7");
        Assert.Equal("message/venue/7", named.GetGrainId().ToString());
        Assert.Equal("venue/7", named.GetPrimaryKeyString());
        Assert.Equal(named.GetGrainId(), GrainId.Parse("message/venue/7"));
        Assert.Throws<InvalidOperationException>(() => named.GetPrimaryKey());
    }

    [Fact]
    public async Task Unknown_grains_are_refused_at_the_latest_when_they_are_called()
    {
        await using var silo = await StartAsync();
        var ofTurns = silo.Fresh<ITurnGrain>().GetGrainId();
        await Assert.ThrowsAnyAsync<Exception>(() => Within(CallNobody(), "a type that nobody has"));
        await Assert.ThrowsAnyAsync<Exception>(() => Within(CallOther(), "another grain's interface"));
        Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<ITurnGrain>(Guid.NewGuid(), "Nobody"));

        async Task CallNobody() => await silo.Grains.GetGrain<ITurnGrain>(GrainId.Create("nobody", "1")).WriteAtOnce();
        async Task CallOther() => await silo.Grains.GetGrain<IMessageGrain>(ofTurns).Kept();
    }
}
