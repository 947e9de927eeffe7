using System.Globalization;
using Grid.Keys;
using Grid.Residents;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Keys;

public sealed class KeyRingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-keys-").FullName;
    private readonly TestClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_start_creates_a_ring_that_the_second_start_reads()
    {
        var first = KeyRing.Open(_folder, _clock);
        var second = KeyRing.Open(_folder, _clock);

        foreach (var purpose in Enum.GetValues<KeyPurpose>())
        {
            Assert.Equal(1, first.Active(purpose).Id);
            Assert.Equal(Mac(first.Active(purpose)), Mac(second.Active(purpose)));
        }
    }

    [Fact]
    public void Each_purpose_has_its_own_secret()
    {
        var ring = KeyRing.Open(_folder, _clock);

        Assert.Equal(
            4,
            Enum.GetValues<KeyPurpose>()
                .Select(purpose => Convert.ToHexString(Mac(ring.Active(purpose))))
                .Distinct()
                .Count()
        );
    }

    [Fact]
    public void The_id_of_a_ring_survives_rotations()
    {
        var ring = KeyRing.Open(_folder, _clock);
        var mark = KeyMarks.OfGrid(ring);
        ring.Rotate(KeyPurpose.Profile);
        _clock.Advance(KeyRing.ActivationDelay);
        ring.Refresh();

        Assert.Equal(mark, KeyMarks.OfGrid(ring));
        Assert.Equal(mark, KeyMarks.OfGrid(KeyRing.Open(_folder, _clock)));
        Assert.NotEqual(mark, KeyMarks.OfGrid(KeyRing.Open(Path.Combine(_folder, "other"), _clock)));
    }

    [Fact]
    public void Only_the_owner_may_read_the_ring()
    {
        if (OperatingSystem.IsWindows())
            return;
        KeyRing.Open(_folder, _clock);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_folder, "keys", "ring.json"))
        );
    }

    [Fact]
    public async Task Sixteen_concurrent_starts_agree_on_one_ring()
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opened = Enumerable
            .Range(0, 16)
            .Select(async _ =>
            {
                await start.Task;
                return Convert.ToHexString(Mac(KeyRing.Open(_folder, _clock).Active(KeyPurpose.ResidentPepper)));
            })
            .ToArray();

        start.SetResult();
        var peppers = await Task.WhenAll(opened).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Single(peppers.Distinct());
    }

    [Fact]
    public void A_new_key_verifies_at_once_and_signs_after_the_delay()
    {
        var ring = KeyRing.Open(_folder, _clock);
        ring.Rotate(KeyPurpose.AccessToken);

        Assert.Equal(1, ring.Active(KeyPurpose.AccessToken).Id);
        Assert.NotNull(ring.Find(KeyPurpose.AccessToken, 2));

        _clock.Advance(KeyRing.ActivationDelay);
        ring.Refresh();

        Assert.Equal(2, ring.Active(KeyPurpose.AccessToken).Id);
        Assert.NotNull(ring.Find(KeyPurpose.AccessToken, 1));
    }

    [Fact]
    public void A_key_distributed_by_copies_waits_longer_before_it_signs()
    {
        var ring = KeyRing.Open(_folder, _clock);
        ring.Rotate(KeyPurpose.DisplayToken, TimeSpan.FromMinutes(10));

        _clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        ring.Refresh();
        Assert.Equal(1, ring.Active(KeyPurpose.DisplayToken).Id);
        Assert.NotNull(ring.Find(KeyPurpose.DisplayToken, 2));

        _clock.Advance(TimeSpan.FromSeconds(1));
        ring.Refresh();
        Assert.Equal(2, ring.Active(KeyPurpose.DisplayToken).Id);
    }

    [Theory]
    [InlineData("00:00:14")]
    [InlineData("7.00:00:01")]
    public void An_invalid_activation_delay_is_refused(string after) =>
        Assert.Throws<KeyRingException>(() =>
            KeyRing
                .Open(_folder, _clock)
                .Rotate(KeyPurpose.AccessToken, TimeSpan.Parse(after, CultureInfo.InvariantCulture))
        );

    [Fact]
    public void A_read_only_ring_is_enough_to_serve()
    {
        KeyRing.Open(_folder, _clock);
        var keys = Path.Combine(_folder, "keys");
        File.Delete(Path.Combine(keys, "ring.lock"));

        var ring = KeyRing.Open(_folder, _clock);
        ring.Refresh();

        Assert.Equal(["ring.json"], Directory.EnumerateFileSystemEntries(keys).Select(Path.GetFileName));
    }

    [Fact]
    public void An_unknown_key_id_reloads_the_ring_at_most_once_a_second()
    {
        var reader = KeyRing.Open(_folder, _clock);
        var writer = KeyRing.Open(_folder, _clock);
        _clock.Advance(KeyRing.ReloadPause);
        Assert.Null(reader.Find(KeyPurpose.DisplayToken, 2));

        writer.Rotate(KeyPurpose.DisplayToken);

        Assert.Null(reader.Find(KeyPurpose.DisplayToken, 2));
        _clock.Advance(KeyRing.ReloadPause);
        Assert.NotNull(reader.Find(KeyPurpose.DisplayToken, 2));
    }

    [Fact]
    public void A_token_key_is_removed_once_all_its_tokens_have_expired()
    {
        var ring = KeyRing.Open(_folder, _clock);
        ring.Rotate(KeyPurpose.AccessToken);
        ring.Rotate(KeyPurpose.Profile);
        _clock.Advance(KeyRing.ActivationDelay + KeyRing.MaxTokenLife);
        ring.Rotate(KeyPurpose.AccessToken);
        ring.Rotate(KeyPurpose.Profile);

        Assert.Equal([2, 3], ring.All(KeyPurpose.AccessToken).Select(key => (int)key.Id));
        Assert.Equal([1, 2, 3], ring.All(KeyPurpose.Profile).Select(key => (int)key.Id));
    }

    [Theory]
    [InlineData("0644", true)]
    [InlineData("0602", true)]
    [InlineData("0600", false)]
    [InlineData("0440", false)]
    public void A_ring_that_every_user_can_read_is_refused(string mode, bool refused)
    {
        KeyRing.Open(_folder, _clock);
        if (OperatingSystem.IsWindows())
            return;
        var path = Path.Combine(_folder, "keys", "ring.json");
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        if (refused)
            Assert.Contains(
                "chmod 600",
                Assert.Throws<KeyRingException>(() => KeyRing.Open(_folder, _clock)).Message,
                StringComparison.Ordinal
            );
        else
            Assert.NotNull(KeyRing.Open(_folder, _clock));
    }

    [Fact]
    public void A_gateway_ring_signs_and_finds_residents_but_opens_no_names()
    {
        var ring = KeyRing.Open(_folder, _clock);
        var copy = Path.Combine(_folder, "gateway");
        ring.CopyForGateway(copy);
        var gateway = KeyRing.Open(copy, _clock);

        Assert.False(gateway.HasProfileKeys);
        Assert.Equal(KeyMarks.OfGrid(ring), KeyMarks.OfGrid(gateway));
        var number = IdNumber.Create(110105, new DateOnly(1949, 12, 31), 2);
        Assert.Equal(new ResidentKeys(ring).Of(number), new ResidentKeys(gateway).Of(number));
        Assert.Equal(ring.Active(KeyPurpose.AccessToken).Id, gateway.Active(KeyPurpose.AccessToken).Id);
        Assert.Throws<KeyRingException>(() => gateway.Active(KeyPurpose.Profile));
        Assert.Throws<KeyRingException>(() => gateway.Rotate(KeyPurpose.Profile));
        Assert.DoesNotContain(
            "profile",
            File.ReadAllText(Path.Combine(copy, "keys", "ring.json")),
            StringComparison.OrdinalIgnoreCase
        );
    }

    [Fact]
    public void The_pepper_does_not_rotate() =>
        Assert.Throws<KeyRingException>(() => KeyRing.Open(_folder, _clock).Rotate(KeyPurpose.ResidentPepper));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"format":2,"keys":{}}""")]
    [InlineData("""{"format":1,"keys":{"accessToken":[]}}""")]
    public void A_damaged_ring_stops_the_start_and_is_not_replaced(string content)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "keys"));
        var path = Path.Combine(_folder, "keys", "ring.json");
        File.WriteAllText(path, content);

        var refused = Assert.Throws<KeyRingException>(() => KeyRing.Open(_folder, _clock));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
    }

    private static byte[] Mac(SecretKey key)
    {
        var mac = new byte[SecretKey.MacLength];
        key.Mac("the same text"u8, mac);
        return mac;
    }
}
