using System.Buffers.Text;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Tokens;

public sealed class TokenTests : IDisposable
{
    private const string Base64UrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-tokens-").FullName;
    private readonly TestClock _clock = new();
    private readonly KeyRing _ring;
    private readonly AccessTokens _access;
    private readonly DisplayTokens _display;

    public TokenTests()
    {
        _ring = KeyRing.Open(_folder, _clock);
        _access = new AccessTokens(_ring, _clock);
        _display = new DisplayTokens(_ring, _clock);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_token_of_each_role_carries_role_subject_and_expiry()
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            var subject = role == Role.Resident ? Guid.NewGuid().ToString() : $"{role}-001/door-2";
            var (token, expiresAt) = _access.Mint(role, subject, TimeSpan.FromHours(12));

            Assert.Equal(AccessTokenCheck.Valid, _access.Check(token, out var caller));
            Assert.Equal((role, subject, expiresAt), (caller.Role, caller.Subject, caller.ExpiresAt));
            Assert.Equal(_clock.GetUtcNow().AddHours(12), expiresAt);
        }
    }

    [Fact]
    public void The_venue_of_a_device_is_its_subject_up_to_the_slash()
    {
        _access.Check(_access.Mint(Role.Device, "mall-7/door-2", TimeSpan.FromHours(1)).Token, out var door);
        _access.Check(_access.Mint(Role.Device, "mall-7", TimeSpan.FromHours(1)).Token, out var scanner);

        Assert.Equal("mall-7", Encoding.ASCII.GetString(door.VenueIdUtf8));
        Assert.Equal("mall-7", Encoding.ASCII.GetString(scanner.VenueIdUtf8));
    }

    [Fact]
    public void A_token_expires_on_the_second()
    {
        var token = _access.Mint(Role.Lab, "lab-001", TimeSpan.FromHours(1)).Token;

        _clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(AccessTokenCheck.Valid, _access.Check(token, out _));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessTokenCheck.Expired, _access.Check(token, out var caller));
        Assert.Equal(default, caller.Role);
    }

    [Fact]
    public void No_single_changed_character_of_a_login_passes()
    {
        // Three subject lengths, so that the last character carries 0, 2 and 4 unused bits.
        foreach (var subject in new[] { "lab-1", "lab-12", "lab-123" })
        {
            var token = _access.Mint(Role.Lab, subject, TimeSpan.FromHours(1)).Token;
            for (var at = 0; at < token.Length; at++)
            {
                foreach (var other in Base64UrlAlphabet.Append('=').Append('+').Append('\u00C1').Append('\u4E2D'))
                {
                    if (other == token[at])
                        continue;
                    var changed = token[..at] + other + token[(at + 1)..];
                    Assert.Equal(AccessTokenCheck.Invalid, _access.Check(changed, out _));
                }
            }
        }
    }

    [Fact]
    public void No_mutation_of_a_login_passes()
    {
        var token = _access.Mint(Role.Operator, "hotline-7", TimeSpan.FromHours(1)).Token;
        CheckMutations(Encoding.ASCII.GetBytes(token), changed =>
            _access.Check(Encoding.Latin1.GetString(changed), out _) == AccessTokenCheck.Invalid
        );
    }

    [Fact]
    public void No_mutation_of_a_displayed_code_passes()
    {
        CheckMutations(Display(Guid.NewGuid()), changed => _display.Read(changed, out _) == DisplayTokenCheck.Invalid);
    }

    [Fact]
    public void No_single_changed_character_of_a_displayed_code_passes()
    {
        var code = Display(Guid.NewGuid());
        for (var at = 0; at < code.Length; at++)
        {
            foreach (var other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:a"u8)
            {
                if (other == code[at])
                    continue;
                var changed = (byte[])code.Clone();
                changed[at] = other;
                Assert.Equal(DisplayTokenCheck.Invalid, _display.Read(changed, out _));
            }
        }
    }

    [Fact]
    public void A_displayed_code_lives_sixty_seconds()
    {
        var resident = Guid.NewGuid();
        var code = Display(resident);

        Assert.Equal(DisplayTokenCheck.Valid, _display.Read(code, out var read));
        Assert.Equal(resident, read);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(DisplayTokenCheck.Valid, _display.Read(code, out _));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DisplayTokenCheck.Expired, _display.Read(code, out read));
        Assert.Equal(Guid.Empty, read);
    }

    [Fact]
    public void A_code_from_a_clock_far_ahead_is_refused()
    {
        var code = Display(Guid.NewGuid());
        _clock.AdjustTime(_clock.GetUtcNow() - DisplayTokens.MaxClockSkew);
        Assert.Equal(DisplayTokenCheck.Valid, _display.Read(code, out _));
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(DisplayTokenCheck.Invalid, _display.Read(code, out _));
    }

    [Fact]
    public void A_displayed_code_is_short_alphanumeric_and_never_repeats()
    {
        var resident = Guid.NewGuid();
        var codes = Enumerable.Range(0, 1000).Select(_ => Encoding.ASCII.GetString(Display(resident))).ToArray();

        Assert.All(codes, code => Assert.Matches("^HK1:[0-9A-Z $%*+./:-]{72}$", code));
        Assert.Equal(codes.Length, codes.Distinct().Count());
        Assert.DoesNotContain(resident.ToString("N"), codes[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_token_of_one_kind_is_never_accepted_as_another()
    {
        var resident = Guid.NewGuid();
        var code = Display(resident);
        var login = _access.Mint(Role.Resident, resident.ToString(), TimeSpan.FromHours(1)).Token;

        Assert.Equal(AccessTokenCheck.Invalid, _access.Check(Encoding.ASCII.GetString(code), out _));
        Assert.Equal(DisplayTokenCheck.Invalid, _display.Read(Encoding.ASCII.GetBytes(login), out _));

        // The bytes of one in the encoding of the other are refused too.
        var bytes = new byte[48];
        Base45.TryDecode(code.AsSpan(4), bytes, out _);
        Assert.Equal(AccessTokenCheck.Invalid, _access.Check(Base64Url.EncodeToString(bytes), out _));
        Assert.True(Base64Url.TryDecodeFromChars(login, bytes, out var length));
        var ascii = new byte[4 + Base45.EncodedLength(length)];
        "HK1:"u8.CopyTo(ascii);
        Base45.Encode(bytes.AsSpan(0, length), ascii.AsSpan(4));
        Assert.Equal(DisplayTokenCheck.Invalid, _display.Read(ascii, out _));
    }

    [Fact]
    public void Tokens_of_another_grid_are_refused()
    {
        var other = KeyRing.Open(Path.Combine(_folder, "other"), _clock);
        var code = new byte[DisplayTokens.TextLength];
        new DisplayTokens(other, _clock).Write(Guid.NewGuid(), code);

        Assert.Equal(DisplayTokenCheck.Invalid, _display.Read(code, out _));
        Assert.Equal(
            AccessTokenCheck.Invalid,
            _access.Check(new AccessTokens(other, _clock).Mint(Role.Admin, "root", TimeSpan.FromHours(1)).Token, out _)
        );
    }

    [Fact]
    public void Tokens_survive_a_key_rotation()
    {
        var (token, code) = (_access.Mint(Role.Lab, "lab-001", TimeSpan.FromHours(1)).Token, Display(Guid.NewGuid()));
        _ring.Rotate(KeyPurpose.AccessToken);
        _ring.Rotate(KeyPurpose.DisplayToken);
        _clock.Advance(KeyRing.ActivationDelay);
        _ring.Refresh();
        var (newer, newerCode) = (
            _access.Mint(Role.Lab, "lab-001", TimeSpan.FromHours(1)).Token,
            Display(Guid.NewGuid())
        );

        Assert.Equal(AccessTokenCheck.Valid, _access.Check(token, out _));
        Assert.Equal(AccessTokenCheck.Valid, _access.Check(newer, out _));
        Assert.Equal(DisplayTokenCheck.Valid, _display.Read(code, out _));
        Assert.Equal(DisplayTokenCheck.Valid, _display.Read(newerCode, out _));
    }

    [Theory]
    [InlineData(Role.Resident, "张三")]
    [InlineData(Role.Resident, "lab-001")]
    [InlineData(Role.Lab, "")]
    [InlineData(Role.Lab, "two words")]
    [InlineData(Role.Lab, "实验室")]
    [InlineData((Role)99, "x")]
    public void A_token_with_an_invalid_subject_is_not_minted(Role role, string subject) =>
        Assert.Throws<ArgumentException>(() => _access.Mint(role, subject, TimeSpan.FromHours(1)));

    [Fact]
    public void A_token_forged_with_a_stolen_key_is_refused_if_its_life_is_too_long()
    {
        var later = new TestClock();
        later.Advance(TimeSpan.FromDays(3650) - AccessTokens.MaxLife);
        var years = new AccessTokens(_ring, later).Mint(Role.Admin, "root", AccessTokens.MaxLife).Token;
        Assert.Equal(AccessTokenCheck.Invalid, _access.Check(years, out _));

        _ring.Rotate(KeyPurpose.AccessToken);
        _clock.Advance(KeyRing.ActivationDelay);
        _ring.Refresh();
        var old = Forge(1, _clock.GetUtcNow() + KeyRing.MaxTokenLife + TimeSpan.FromMinutes(5));
        var overlap = Forge(1, _clock.GetUtcNow() + KeyRing.MaxTokenLife - TimeSpan.FromMinutes(5));
        Assert.Equal(AccessTokenCheck.Valid, _access.Check(overlap, out _));
        _clock.Advance(TimeSpan.FromMinutes(10));
        // Its expiry alone is plausible: only the age of its key rules it out.
        Assert.Equal(AccessTokenCheck.Invalid, _access.Check(old, out _));
    }

    [Fact]
    public void A_revoked_key_is_refused_and_a_new_key_signs_at_once()
    {
        var token = _access.Mint(Role.Lab, "lab-001", TimeSpan.FromHours(1)).Token;
        _ring.Revoke(KeyPurpose.AccessToken, 1);

        Assert.Equal(AccessTokenCheck.Invalid, _access.Check(token, out _));
        Assert.Equal(
            AccessTokenCheck.Valid,
            _access.Check(_access.Mint(Role.Lab, "lab-001", TimeSpan.FromHours(1)).Token, out _)
        );
        Assert.Equal(2, _ring.Active(KeyPurpose.AccessToken).Id);
        Assert.Throws<KeyRingException>(() => _ring.Revoke(KeyPurpose.AccessToken, 1));
        Assert.Throws<KeyRingException>(() => _ring.Revoke(KeyPurpose.Profile, 1));
        Assert.Throws<KeyRingException>(() => _ring.Revoke(KeyPurpose.ResidentPepper, 1));
    }

    [Fact]
    public void Only_tokens_issued_before_the_revocation_of_their_subject_are_revoked()
    {
        var revocations = new Revocations();
        var checking = new AccessTokens(_ring, _clock, revocations);
        var (lab, other, resident) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        string Mint(Role role, string subject) => checking.Mint(role, subject, TimeSpan.FromHours(1)).Token;
        string[] tokens =
        [
            Mint(Role.Lab, $"{lab}"),
            Mint(Role.Lab, $"{other}"),
            Mint(Role.Sampler, $"{lab}"),
            Mint(Role.Resident, $"{resident}"),
        ];
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        revocations.Set([new((int)Role.Lab, $"{lab}", now), new((int)Role.Resident, $"{resident}", now)]);

        Assert.Equal(
            [AccessTokenCheck.Revoked, AccessTokenCheck.Valid, AccessTokenCheck.Valid, AccessTokenCheck.Revoked],
            tokens.Select(token => checking.Check(token, out _))
        );
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessTokenCheck.Valid, checking.Check(Mint(Role.Lab, $"{lab}"), out _));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/door")]
    [InlineData("venue/")]
    [InlineData("venue//door")]
    public void A_subject_has_no_empty_part(string subject) =>
        Assert.False(AccessTokens.IsSubject(Role.Device, subject));

    // Signs a token as the thief of a key could.
    private string Forge(byte keyId, DateTimeOffset expiresAt)
    {
        var key = _ring.Find(KeyPurpose.AccessToken, keyId)!;
        byte[] head = [0xA2, keyId, (byte)Role.Admin, 0, 0, 0, 0, 0, 0, 0, 0, .. "root"u8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
            head.AsSpan(3),
            (uint)expiresAt.ToUnixTimeSeconds()
        );
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
            head.AsSpan(7),
            (uint)_clock.GetUtcNow().ToUnixTimeSeconds()
        );
        var mac = new byte[SecretKey.MacLength];
        key.Mac(head, mac);
        return System.Buffers.Text.Base64Url.EncodeToString([.. head, .. mac.AsSpan(0, 16)]);
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        var (token, code) = (
            _access.Mint(Role.Resident, Guid.NewGuid().ToString(), TimeSpan.FromHours(1)).Token,
            Display(Guid.NewGuid())
        );
        var allocated = long.MaxValue;
        // The first rounds allocate native handles, and so does a thread that moves to another core.
        for (var round = 0; round < 20 && allocated > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                _access.Check(token, out _);
                _display.Read(code, out _);
                _display.Write(Guid.Empty, code.AsSpan());
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }

    private byte[] Display(Guid resident)
    {
        var ascii = new byte[DisplayTokens.TextLength];
        _display.Write(resident, ascii);
        return ascii;
    }

    /// <summary>Changes, truncates, inserts and removes bytes at random.</summary>
    private static void CheckMutations(byte[] genuine, Func<byte[], bool> refused)
    {
        var mutation =
            from kind in Gen.Choose(0, 3)
            from at in Gen.Choose(0, genuine.Length - 1)
            from value in Gen.Choose(0, 255)
            select kind switch
            {
                0 => [.. genuine[..at], (byte)value, .. genuine[(at + 1)..]],
                1 => genuine[..at],
                2 => [.. genuine[..at], (byte)value, .. genuine[at..]],
                _ => (byte[])[.. genuine[..at], .. genuine[(at + 1)..]],
            };
        Prop.ForAll(mutation.ToArbitrary(), changed => changed.AsSpan().SequenceEqual(genuine) || refused(changed))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}
