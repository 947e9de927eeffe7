using System.Reflection;
using System.Text.Json;

namespace Grid.Tests.Serialization;

/// <summary>
/// The golden bytes of each stored state. Appending a member changes those of the sample: replace them by the bytes
/// that the failure prints. The first released bytes never change and must stay readable.
/// </summary>
public sealed class GoldenBytesTests
{
    private static readonly Dictionary<string, string> Golden = new()
    {
        ["resident"] =
            "01672cb50e20400b010203feff0114f494012000ce7709bf011d21000321e840210c0d0e0f0a0b080907060504030201"
            + "000915030915054111747562653a542d31010d218000206ac9884bde08810040230e43000000e021800060a748e44dde"
            + "08810040230e43000000e0410f6c61622d303031218000e0d3f3514cde08810040230e43000000e0e0e021000321e820"
            + "e840210c0d0e0f0a0b080907060504030201000915030915054111747562653a542d32010d218000206ac9884bde0881"
            + "0040230e43000000e0c101c129218000e0d3f3514cde08810040230e43000000e0e0218000e0d3f3514cde0881004023"
            + "0e43000000e04123747562653a542d3220726573756c742032e0e021000521e840210c0d0e0f0a0b0809070605040302"
            + "01000111012000bb94c3cd0120400f1ec4cd09150301010103e020e84021000000000000000000000000000000000115"
            + "012000e927c6cd0101c10101030101e0e021000321e880ffffffffffffffff01200016c9c1bd411542424942502d436f"
            + "72560105e0e021000321e840210c0d0e0f0a0b08090706050403020100012000bb94c3cdc111e0e02711000321e80020"
            + "00bb94c3cd09150541156f70657261746f722d31411961206e6577206e756d626572e0e0e0",
        ["tube"] =
            "01f6aa62702020e80051410d736974652d37e00103012521000521e840210c0d0e0f0a0b080907060504030201002180"
            + "00206ac9884bde08810040230e43000000e081ffffffffffffffff010d0109c101019b21e84021736974652d372f7361"
            + "6d706c65722d31218000206ac9884bde08810040230e43000000e0e0c101e020e8402100000000000000000000000000"
            + "000000218000662ded884bde08810040230e43000000e0010101250125411977726f6e6720706572736f6e0101c12721"
            + "e8c029218000882e2b914bde08810040230e43000000e0e0e0e021000321e820e84007542d310109410f6c61622d3030"
            + "31410d72742d7063720915052180002840b2b24bde08810040230e43000000e00105e041210c0d0e0f0a0b0809070605"
            + "0403020100218000900414bb4bde08810040230e43000000e0010341216c61622d3030312f706572736f6e2d31e0e022"
            + "000321e840210c0d0e0f0a0b08090706050403020100091505c15721e8c05941210c0d0e0f0a0b080907060504030201"
            + "00218000900414bb4bde08810040230e43000000e00101c177e0218000f8c875c34bde08810040230e43000000e00103"
            + "21e808150541357468652066697273742077617320616e6f746865722074756265411b636974792f706572736f6e2d32"
            + "218000608dd7cb4bde08810040230e43000000e0e0e0e021000321e8c05941210c0d0e0f0a0b08090706050403020100"
            + "218000900414bb4bde08810040230e43000000e0010341216c61622d3030312f706572736f6e2d32e0e0c12721e8c029"
            + "218000f0f28c994bde08810040230e43000000e0e0210003c15fe0e0",
        ["dose"] =
            "011036f5992020e84017636c696e69632d312f343241210c0d0e0f0a0b08090706050403020100411542424942502d43"
            + "6f72560109218000206ac9884bde08810040230e43000000e04111636c696e69632d31e001034121636c696e69632d31"
            + "2f6e757273652d33218000882e2b914bde08810040230e43000000e0e0",
        ["session"] =
            "01aca61230204041000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2180007e3a7c894b"
            + "de08810040230e43000000e00109218000206ac9884bde08810040230e43000000e0010d21000321e840210c0d0e0f0a"
            + "0b0809070605040302010041070102032180007e3a7c894bde08810040230e43000000e00105e0e0e0",
        ["venue"] =
            "0192649b7f2020e8401fe9929fe6a5bce59cb0e99381e7ab990174f39421e800c10109010de0e0410f61646d696e2d31"
            + "218000206ac9884bde08810040230e43000000e0e0",
        ["client"] =
            "0174fee2662020e8400709080721e840076c6162410f6c61622d303031e0e0410f61646d696e2d31218000206ac9884b"
            + "de08810040230e43000000e0e0",
        ["revocations"] = "01caa950be2020000321e80011410f6c61622d30303161c0e55969410f61646d696e2d31e0e0e0",
        ["held-tubes"] = "01007e70d72020000321e880ffffffffffffffff012000bb94c3cde0e0e0",
        ["conflict-index"] =
            "01e00c854a2020000321e840210c0d0e0f0a0b080907060504030201004107542d31218000206ac9884bde0881004023"
            + "0e43000000e0e0e0e0",
        ["import-reports"] =
            "018cfd40ba2020000321e840210c0d0e0f0a0b08090706050403020100218000206ac9884bde08810040230e43000000"
            + "e021e80011010d01090105e02100070109001d00221ce0210007010100030001e021000521e8401b70686f6e652d696e"
            + "76616c6964410361e020e8400363410364e0e0e0e0e0",
        ["test"] =
            "01fe1c75fd20e8081507091507218000206ac9884bde08810040230e43000000e0218000882e2b914bde08810040230e"
            + "43000000e0e0",
    };

    // The bytes of the first release of the format, and the state read from them then.
    private static readonly Dictionary<string, (string Bytes, string Read)> First = new()
    {
        ["resident"] = (
            "01630e00c520400b010203feff0114f494012000ce7709bf011d21000321e840210c0d0e0f0a0b080907060504030201"
                + "000915030915054111747562653a542d31010d218000206ac9884bde08810040230e43000000e021800060a748e44dde"
                + "08810040230e43000000e0410f6c61622d303031218000e0d3f3514cde08810040230e43000000e0e0e021000321e820"
                + "e840210c0d0e0f0a0b080907060504030201000915030915054111747562653a542d32010d218000206ac9884bde0881"
                + "0040230e43000000e0c101c129218000e0d3f3514cde08810040230e43000000e0e0218000e0d3f3514cde0881004023"
                + "0e43000000e04123747562653a542d3220726573756c742032e0e021000521e840210c0d0e0f0a0b0809070605040302"
                + "01000111012000bb94c3cd0120400f1ec4cd09150301010103e020e84021000000000000000000000000000000000115"
                + "012000e927c6cd0101c10101030101e0e021000321e880ffffffffffffffff01200016c9c1bd411542424942502d436f"
                + "72560105e0e021000321e840210c0d0e0f0a0b08090706050403020100012000bb94c3cdc111e0e0e0",
            """
            {"Profile":"AQID/v8=","District":610113,"RegisteredUnixMs":1640995200000,"Version":7,
            "Causes":[{"CauseId":"0f0e0d0c-0b0a-0908-0706-050403020100","Kind":1,"Colour":2,"Source":"tube:T-1",
            "RuleVersion":3,"Since":"2026-01-04T12:00:00+08:00","Until":"2026-01-07T12:00:00+08:00",
            "Issuer":"lab-001","ReleaseExpectedBy":"2026-01-05T12:00:00+08:00"}],
            "Ended":[{"Cause":{"CauseId":"0f0e0d0c-0b0a-0908-0706-050403020100","Kind":1,"Colour":2,
            "Source":"tube:T-2","RuleVersion":3,"Since":"2026-01-04T12:00:00+08:00","Until":null,
            "Issuer":"lab-001","ReleaseExpectedBy":"2026-01-05T12:00:00+08:00"},
            "EndedAt":"2026-01-05T12:00:00+08:00","EndedBy":"tube:T-2 result 2"}],
            "Tests":[{"Tube":"0f0e0d0c-0b0a-0908-0706-050403020100","Revision":4,
            "CollectedUnixMs":1767499200000,"TestedUnixMs":1767517200000,"Result":1,"Withdrawn":false,
            "IsSingle":true,"IsNegativeSingle":true,"CollectedAt":"2026-01-04T04:00:00+00:00",
            "TestedAt":"2026-01-04T09:00:00+00:00"},{"Tube":"00000000-0000-0000-0000-000000000000","Revision":5,
            "CollectedUnixMs":1767585600000,"TestedUnixMs":0,"Result":null,"Withdrawn":true,"IsSingle":false,
            "IsNegativeSingle":false,"CollectedAt":"2026-01-05T04:00:00+00:00","TestedAt":null}],
            "Doses":[{"Record":18446744073709551615,"GivenUnixMs":1630000000000,"Product":"BBIBP-CorV",
            "Number":2,"At":"2021-08-26T17:46:40+00:00"}],
            "Asked":[{"Tube":"0f0e0d0c-0b0a-0908-0706-050403020100","CollectedUnixMs":1767499200000,
            "Cause":{"CauseId":"0f0e0d0c-0b0a-0908-0706-050403020100","Kind":1,"Colour":2,"Source":"tube:T-1",
            "RuleVersion":3,"Since":"2026-01-04T12:00:00+08:00","Until":"2026-01-07T12:00:00+08:00",
            "Issuer":"lab-001","ReleaseExpectedBy":"2026-01-05T12:00:00+08:00"}}],"Registered":true}
            """.ReplaceLineEndings("")
        ),
        ["tube"] = (
            "01f6aa62702020e80051410d736974652d37e00103012521000521e840210c0d0e0f0a0b080907060504030201002180"
                + "00206ac9884bde08810040230e43000000e081ffffffffffffffff010d0109c101019b21e84021736974652d372f7361"
                + "6d706c65722d31218000206ac9884bde08810040230e43000000e0e0c101e020e8402100000000000000000000000000"
                + "000000218000662ded884bde08810040230e43000000e0010101250125411977726f6e6720706572736f6e0101c12721"
                + "e8c029218000882e2b914bde08810040230e43000000e0e0e0e021000321e820e84007542d310109410f6c61622d3030"
                + "31410d72742d7063720915052180002840b2b24bde08810040230e43000000e00105e041210c0d0e0f0a0b0809070605"
                + "0403020100218000900414bb4bde08810040230e43000000e0010341216c61622d3030312f706572736f6e2d31e0e022"
                + "000321e840210c0d0e0f0a0b08090706050403020100091505c15721e8c05941210c0d0e0f0a0b080907060504030201"
                + "00218000900414bb4bde08810040230e43000000e00101c177e0218000f8c875c34bde08810040230e43000000e00103"
                + "21e808150541357468652066697273742077617320616e6f746865722074756265411b636974792f706572736f6e2d32"
                + "218000608dd7cb4bde08810040230e43000000e0e0e0e021000321e8c05941210c0d0e0f0a0b08090706050403020100"
                + "218000900414bb4bde08810040230e43000000e0010341216c61622d3030312f706572736f6e2d32e0e0c12721e8c029"
                + "218000f0f28c994bde08810040230e43000000e0e0210003c15fe0e0",
            """
            {"Opening":{"Capacity":20,"SiteId":"site-7"},"Sealed":true,"Revision":9,
            "Members":[{"Resident":"0f0e0d0c-0b0a-0908-0706-050403020100",
            "CollectedAt":"2026-01-04T12:00:00+08:00","Command":18446744073709551615,"Due":3,"Delivered":2,
            "WithdrawnBecause":null,"Content":77,"TakenBy":{"Subject":"site-7/sampler-1",
            "At":"2026-01-04T12:00:00+08:00"},"WithdrawnBy":null,"Withdrawn":false},
            {"Resident":"00000000-0000-0000-0000-000000000000","CollectedAt":"2026-01-04T12:01:00+08:00",
            "Command":0,"Due":9,"Delivered":9,"WithdrawnBecause":"wrong person","Content":0,
            "TakenBy":{"Subject":"site-7/sampler-1","At":"2026-01-04T12:00:00+08:00"},
            "WithdrawnBy":{"Subject":"site-7/sampler-1","At":"2026-01-04T13:00:00+08:00"},"Withdrawn":true}],
            "Results":[{"Report":{"TubeId":"T-1","Sequence":2,"LabId":"lab-001","Method":"rt-pcr","Result":2,
            "TestedAt":"2026-01-04T17:00:00+08:00","CorrectionOf":1},
            "ReceiptId":"0f0e0d0c-0b0a-0908-0706-050403020100","ReceivedAt":"2026-01-04T18:00:00+08:00",
            "Held":true,"By":"lab-001/person-1","TestedAt":"2026-01-04T17:00:00+08:00"}],
            "Conflicts":[{"ConflictId":"0f0e0d0c-0b0a-0908-0706-050403020100","Kind":2,
            "First":{"Report":{"TubeId":"T-1","Sequence":2,"LabId":"lab-001","Method":"rt-pcr","Result":2,
            "TestedAt":"2026-01-04T17:00:00+08:00","CorrectionOf":1},
            "ReceiptId":"0f0e0d0c-0b0a-0908-0706-050403020100","ReceivedAt":"2026-01-04T18:00:00+08:00",
            "Held":true,"By":"lab-001/person-1","TestedAt":"2026-01-04T17:00:00+08:00"},
            "Second":{"Report":{"TubeId":"T-1","Sequence":2,"LabId":"lab-001","Method":"rt-pcr","Result":2,
            "TestedAt":"2026-01-04T17:00:00+08:00","CorrectionOf":1},
            "ReceiptId":"0f0e0d0c-0b0a-0908-0706-050403020100","ReceivedAt":"2026-01-04T18:00:00+08:00",
            "Held":false,"By":"lab-001/person-1","TestedAt":"2026-01-04T17:00:00+08:00"},
            "OpenedAt":"2026-01-04T19:00:00+08:00","BeforeTube":true,"Decision":{"Keep":2,
            "Reason":"the first was another tube","By":"city/person-2","At":"2026-01-04T20:00:00+08:00"},
            "IsOpen":false}],"Superseded":[{"Report":{"TubeId":"T-1","Sequence":2,"LabId":"lab-001",
            "Method":"rt-pcr","Result":2,"TestedAt":"2026-01-04T17:00:00+08:00","CorrectionOf":1},
            "ReceiptId":"0f0e0d0c-0b0a-0908-0706-050403020100","ReceivedAt":"2026-01-04T18:00:00+08:00",
            "Held":true,"By":"lab-001/person-2","TestedAt":"2026-01-04T17:00:00+08:00"}],
            "OpenedBy":{"Subject":"site-7/sampler-1","At":"2026-01-04T12:00:00+08:00"},
            "SealedBy":{"Subject":"site-7/sampler-1","At":"2026-01-04T14:00:00+08:00"},"HeldFor":["lab-001"],
            "Count":1,"Laboratory":"lab-001","HasPendingWork":true}
            """.ReplaceLineEndings("")
        ),
        ["dose"] = (
            "011036f5992020e84017636c696e69632d312f343241210c0d0e0f0a0b08090706050403020100411542424942502d43"
                + "6f72560109218000206ac9884bde08810040230e43000000e04111636c696e69632d31e001034121636c696e69632d31"
                + "2f6e757273652d33218000882e2b914bde08810040230e43000000e0e0",
            """
            {"Record":{"RecordId":"clinic-1/42","Resident":"0f0e0d0c-0b0a-0908-0706-050403020100",
            "Product":"BBIBP-CorV","Number":2,"At":"2026-01-04T12:00:00+08:00","Clinic":"clinic-1"},
            "Delivered":true,"By":"clinic-1/nurse-3","ReceivedAt":"2026-01-04T13:00:00+08:00",
            "HasPendingWork":false,"ForResident":{"RecordId":"clinic-1/42",
            "Resident":"0f0e0d0c-0b0a-0908-0706-050403020100","Product":"BBIBP-CorV","Number":2,
            "At":"2026-01-04T12:00:00+08:00","Clinic":"clinic-1"}}
            """.ReplaceLineEndings("")
        ),
        ["session"] = (
            "01f1048af9204041000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2180007e3a7c894b"
                + "de08810040230e43000000e00109218000206ac9884bde08810040230e43000000e0010de0",
            """
            {"Digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","ExpiresAt":"2026-01-04T12:05:00+08:00",
            "Attempts":2,"HourFrom":"2026-01-04T12:00:00+08:00","SentInHour":3}
            """.ReplaceLineEndings("")
        ),
        ["venue"] = (
            "0192649b7f2020e8401fe9929fe6a5bce59cb0e99381e7ab990174f39421e800c10109010de0e0410f61646d696e2d31"
                + "218000206ac9884bde08810040230e43000000e0e0",
            """
            {"Venue":{"Name":"\u949F\u697C\u5730\u94C1\u7AD9","District":610103,"Policy":{"MaxTestAgeHours":48,
            "MinDoses":2,"AdmitColours":3}},"ChangedBy":"admin-1","ChangedAt":"2026-01-04T12:00:00+08:00"}
            """.ReplaceLineEndings("")
        ),
        ["client"] = (
            "0174fee2662020e8400709080721e840076c6162410f6c61622d303031e0e0410f61646d696e2d31218000206ac9884b"
                + "de08810040230e43000000e0e0",
            """
            {"Registration":{"SecretDigest":"CQgH","Identity":{"Role":"lab","Subject":"lab-001"}},
            "ChangedBy":"admin-1","ChangedAt":"2026-01-04T12:00:00+08:00"}
            """.ReplaceLineEndings("")
        ),
        ["revocations"] = (
            "01aebb1def2020000321e80011410f6c61622d30303161c0e55969e0e0e0",
            """{"Subjects":[{"Role":4,"Subject":"lab-001","NotBeforeUnixSeconds":1767499200}]}"""
        ),
        ["held-tubes"] = (
            "01007e70d72020000321e880ffffffffffffffff012000bb94c3cde0e0e0",
            """{"Tubes":[{"Tube":18446744073709551615,"SinceUnixMs":1767499200000}]}"""
        ),
        ["conflict-index"] = (
            "01e00c854a2020000321e840210c0d0e0f0a0b080907060504030201004107542d31218000206ac9884bde0881004023"
                + "0e43000000e0e0e0e0",
            """
            {"Entries":[{"ConflictId":"0f0e0d0c-0b0a-0908-0706-050403020100","TubeId":"T-1",
            "OpenedAt":"2026-01-04T12:00:00+08:00"}]}
            """.ReplaceLineEndings("")
        ),
        ["import-reports"] = (
            "018cfd40ba2020000321e840210c0d0e0f0a0b08090706050403020100218000206ac9884bde08810040230e43000000"
                + "e021e80011010d01090105e02100070109001d00221ce0210007010100030001e021000521e8401b70686f6e652d696e"
                + "76616c6964410361e020e8400363410364e0e0e0e0e0",
            """
            {"Latest":[{"ImportId":"0f0e0d0c-0b0a-0908-0706-050403020100","EndedAt":"2026-01-04T12:00:00+08:00",
            "Counts":{"Accepted":4,"Duplicates":3,"Conflicts":2,"Rejected":1},"Lines":[2,7,900],"Texts":[0,1,0],
            "Table":[{"Code":"phone-invalid","Detail":"a"},{"Code":"c","Detail":"d"}]}]}
            """.ReplaceLineEndings("")
        ),
        ["test"] = (
            "01fe1c75fd20e8081507091507218000206ac9884bde08810040230e43000000e0218000882e2b914bde08810040230e"
                + "43000000e0e0",
            """
            {"State":3,"Result":3,"CollectedAt":"2026-01-04T12:00:00+08:00",
            "SampledAt":"2026-01-04T13:00:00+08:00"}
            """.ReplaceLineEndings("")
        ),
    };

    public static TheoryData<string> Types => StoredType.Names;

    [Theory]
    [MemberData(nameof(Types))]
    public void A_state_is_written_as_its_golden_bytes(string name)
    {
        var written = Convert.ToHexStringLower(StoredType.Named(name).Encode());
        Assert.True(written == Golden[name], $"[\"{name}\"] = \"{written}\",");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_golden_bytes_are_read_as_the_state(string name)
    {
        var type = StoredType.Named(name);
        Assert.Equal(type.Sample, type.Decode(Convert.FromHexString(Golden[name])));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_first_released_bytes_are_read_with_all_their_members(string name)
    {
        var (bytes, then) = First[name];
        var now = StoredType.Named(name).Decode(Convert.FromHexString(bytes));
        using var expected = JsonDocument.Parse(then);
        using var read = JsonDocument.Parse(now);
        // Later members may be present too.
        Assert.True(Holds(read.RootElement, expected.RootElement), $"read as {now}");
    }

    [Fact]
    public void Every_stored_type_and_its_parts_have_an_alias_that_starts_with_grid()
    {
        var seen = new HashSet<Type>();
        foreach (var type in StoredType.All)
            Walk(type.Type);
        Assert.True(seen.Count > 15, "the walk did not reach the types within the states");

        void Walk(Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
            if (type.Namespace?.StartsWith("Grid", StringComparison.Ordinal) != true || type.IsEnum || !seen.Add(type))
                return;
            Assert.StartsWith("grid.", type.GetCustomAttribute<AliasAttribute>()?.Alias, StringComparison.Ordinal);
            foreach (
                var member in type.GetProperties()
                    .Where(static member => member.GetCustomAttribute<IdAttribute>() is not null)
            )
                Walk(member.PropertyType);
        }
    }

    private static bool Holds(JsonElement actual, JsonElement expected) =>
        expected.ValueKind switch
        {
            JsonValueKind.Object => actual.ValueKind == JsonValueKind.Object
                && expected
                    .EnumerateObject()
                    .All(member => actual.TryGetProperty(member.Name, out var value) && Holds(value, member.Value)),
            JsonValueKind.Array => actual.ValueKind == JsonValueKind.Array
                && actual.GetArrayLength() == expected.GetArrayLength()
                && actual
                    .EnumerateArray()
                    .Zip(expected.EnumerateArray())
                    .All(static pair => Holds(pair.First, pair.Second)),
            _ => actual.GetRawText() == expected.GetRawText(),
        };
}
