using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grid.Keys;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Keys;

public sealed class ProfileVaultTests : IDisposable
{
    private static readonly PersonalData Usual = new("张小明", "61010219900101001X", "13800138000");

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-keys-").FullName;
    private readonly TestClock _clock = new();
    private readonly KeyRing _ring;
    private readonly ProfileVault _vault;
    private readonly Guid _resident = Guid.NewGuid();

    public ProfileVaultTests()
    {
        _ring = KeyRing.Open(_folder, _clock);
        _vault = new ProfileVault(_ring);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("张小明", "61010219900101001X", "13800138000", 48)]
    [InlineData("Li Wei", "610102199001010028", "19999999999", 48)]
    [InlineData("王", "999999999999999999", "10000000000", 44)]
    [InlineData("Maximilian von Hohenstein", "M12345678", "+49 170 1234567", 81)]
    [InlineData("", "", "", 32)]
    public void A_profile_round_trips_and_is_small(string name, string idNumber, string phone, int maxLength)
    {
        var data = new PersonalData(name, idNumber, phone);

        var row = _vault.Seal(_resident, data);

        Assert.Equal(data, _vault.Unseal(_resident, row));
        Assert.InRange(row.Length, 1, maxLength);
    }

    [Fact]
    public void Any_three_texts_round_trip() =>
        Prop.ForAll<NonNull<string>, NonNull<string>, NonNull<string>>(
                (name, idNumber, phone) =>
                {
                    // Half of a surrogate pair has no UTF-8; the gateway refuses it earlier.
                    var data = new PersonalData(Whole(name.Get), Whole(idNumber.Get), Whole(phone.Get));
                    if (
                        new[] { data.Name, data.IdNumber, data.Phone }.Any(text =>
                            Encoding.UTF8.GetByteCount(text) > ProfileVault.MaxTextBytes
                        )
                    )
                        return true;
                    return _vault.Unseal(_resident, _vault.Seal(_resident, data)) == data;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void One_profile_sealed_twice_shows_nothing_in_common() =>
        Assert.NotEqual(_vault.Seal(_resident, Usual), _vault.Seal(_resident, Usual));

    [Fact]
    public void A_sealed_text_opens_also_under_an_older_key_and_is_not_a_profile()
    {
        var text = _vault.SealText(_resident, "赵敏");
        _ring.Rotate(KeyPurpose.Profile);
        _clock.Advance(KeyRing.ActivationDelay);
        _ring.Refresh();
        Assert.Equal("赵敏", _vault.UnsealText(_resident, text));
        Assert.Throws<CryptographicException>(() => _vault.UnsealText(Guid.NewGuid(), text));
        Assert.Throws<CryptographicException>(() => _vault.Unseal(_resident, Convert.FromBase64String(text)));
        Assert.Throws<CryptographicException>(() =>
            _vault.UnsealText(_resident, Convert.ToBase64String(_vault.Seal(_resident, Usual)))
        );
        foreach (var other in new[] { "", "no base64!", text[..^8], "f" + text[1..] })
            Assert.Throws<CryptographicException>(() => _vault.UnsealText(_resident, other));
    }

    [Fact]
    public void Any_changed_byte_is_refused()
    {
        var row = _vault.Seal(_resident, Usual);
        for (var i = 0; i < row.Length; i++)
        {
            var changed = (byte[])row.Clone();
            changed[i] ^= 1;
            Assert.Throws<CryptographicException>(() => _vault.Unseal(_resident, changed));
        }
        Assert.Throws<CryptographicException>(() => _vault.Unseal(_resident, row.AsSpan(0, row.Length - 1)));
        Assert.Throws<CryptographicException>(() => _vault.Unseal(_resident, []));
    }

    [Fact]
    public void A_profile_in_the_row_of_another_resident_does_not_open() =>
        Assert.Throws<CryptographicException>(() => _vault.Unseal(Guid.NewGuid(), _vault.Seal(_resident, Usual)));

    [Fact]
    public void A_profile_under_an_older_key_opens_and_is_marked_stale()
    {
        var row = _vault.Seal(_resident, Usual);
        _ring.Rotate(KeyPurpose.Profile);
        _clock.Advance(KeyRing.ActivationDelay);
        _ring.Refresh();

        Assert.Equal(Usual, _vault.Unseal(_resident, row));
        Assert.True(_vault.IsStale(row));
        Assert.False(_vault.IsStale(_vault.Seal(_resident, Usual)));
    }

    [Fact]
    public void Personal_data_is_not_printed() => Assert.Equal("PersonalData", Usual.ToString());

    [Theory]
    [InlineData("张小明", "张*")]
    [InlineData("张", "张*")]
    [InlineData("Li Wei", "L*")]
    [InlineData(" Ann", "A*")]
    [InlineData("\U00020BB7田", "\U00020BB7*")]
    [InlineData("", "*")]
    public void A_masked_name_shows_the_first_character_only(string name, string masked) =>
        Assert.Equal(masked, MaskedName.Of(name));

    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
