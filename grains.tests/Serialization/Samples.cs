using Grid.Clients;
using Grid.Codes;
using Grid.ImportReports;
using Grid.Residents;
using Grid.Results;
using Grid.Sampling;
using Grid.Sessions;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Tests.Serialization;

/// <summary>A fixed instance of each stored type, with every member set.</summary>
internal static class Samples
{
    internal static readonly Guid Key = Guid.Parse("0f0e0d0c-0b0a-0908-0706-050403020100");

    private static readonly DateTimeOffset Noon = new(2026, 1, 4, 12, 0, 0, TimeSpan.FromHours(8));

    private static readonly Cause Hold = new(
        Key,
        (CauseKind)1,
        CodeColour.Yellow,
        "tube:T-1",
        3,
        Noon,
        Noon.AddHours(72),
        "lab-001",
        Noon.AddHours(24)
    );

    private static readonly TubeHand Hand = new("site-7/sampler-1", Noon);

    private static readonly ReceivedResult Received = new(
        new ResultReport("T-1", 2, "lab-001", "rt-pcr", TestResult.Positive, Noon.AddHours(5), 1),
        Key,
        Noon.AddHours(6),
        true,
        "lab-001/person-1"
    );

    internal static ResidentState Resident =>
        new()
        {
            Profile = [1, 2, 3, 254, 255],
            District = 610_113,
            RegisteredUnixMs = 1_640_995_200_000,
            Version = 7,
            Causes = [Hold],
            Ended =
            [
                new EndedCause(Hold with { Source = "tube:T-2", Until = null }, Noon.AddDays(1), "tube:T-2 result 2"),
            ],
            Tests =
            [
                new TestRecord(Key, 4, 1_767_499_200_000, 1_767_517_200_000, TestResult.Negative, false, true),
                new TestRecord(Guid.Empty, 5, 1_767_585_600_000, 0, null, true, false),
            ],
            Doses =
            [
                new Dose
                {
                    Record = ulong.MaxValue,
                    GivenUnixMs = 1_630_000_000_000,
                    Product = "BBIBP-CorV",
                    Number = 2,
                },
            ],
            Asked = [new TubeCause(Key, 1_767_499_200_000, Hold)],
            Changes = [new ProfileRecord(1_767_499_200_000, ProfileFields.Phone, "operator-1", "a new number")],
        };

    internal static TubeState Tube =>
        new()
        {
            Opening = new TubeOpening(20, "site-7"),
            Sealed = true,
            Revision = 9,
            Members =
            [
                new TubeMember(Key, Noon, ulong.MaxValue, 3, 2, null, 77, Hand, null),
                new TubeMember(
                    Guid.Empty,
                    Noon.AddMinutes(1),
                    0,
                    9,
                    9,
                    "wrong person",
                    0,
                    Hand,
                    Hand with
                    {
                        At = Noon.AddHours(1),
                    }
                ),
            ],
            Results = [Received],
            Conflicts =
            [
                new TubeConflict(
                    Key,
                    ConflictKind.Laboratory,
                    Received,
                    Received with
                    {
                        Held = false,
                    },
                    Noon.AddHours(7),
                    true,
                    new ConflictDecision(Keep.Second, "the first was another tube", "city/person-2", Noon.AddHours(8))
                ),
            ],
            Superseded = [Received with { By = "lab-001/person-2" }],
            OpenedBy = Hand,
            SealedBy = Hand with { At = Noon.AddHours(2) },
            HeldFor = ["lab-001"],
        };

    internal static DoseState Dose =>
        new()
        {
            Record = new DoseRecord("clinic-1/42", Key, "BBIBP-CorV", 2, Noon, "clinic-1"),
            Delivered = true,
            By = "clinic-1/nurse-3",
            ReceivedAt = Noon.AddHours(1),
        };

    internal static SessionState Session =>
        new()
        {
            Digest = [.. Enumerable.Range(0, 32).Select(static number => (byte)number)],
            ExpiresAt = Noon.AddMinutes(5),
            Attempts = 2,
            HourFrom = Noon,
            SentInHour = 3,
            Open = [new OpenChallenge(Key, [1, 2, 3], Noon.AddMinutes(5), 1)],
        };

    internal static VenueState Venue =>
        new()
        {
            Venue = new Venue("钟楼地铁站", 610_103, new VenuePolicy(48, 2, 3)),
            ChangedBy = "admin-1",
            ChangedAt = Noon,
        };

    internal static ClientState Client =>
        new()
        {
            Registration = new ClientRegistration([9, 8, 7], new ClientIdentity("lab", "lab-001")),
            ChangedBy = "admin-1",
            ChangedAt = Noon,
        };

    internal static RevocationsState Revocations =>
        new() { Subjects = [new RevokedSubject(4, "lab-001", 1_767_499_200, "admin-1")] };

    internal static HeldTubesState HeldTubes => new() { Tubes = [new HeldTube(ulong.MaxValue, 1_767_499_200_000)] };

    internal static ConflictIndexState ConflictIndex => new() { Entries = [new ConflictEntry(Key, "T-1", Noon)] };

    internal static ImportReportsState ImportReports =>
        new()
        {
            Latest =
            [
                new ImportReport(
                    Key,
                    Noon,
                    new ImportCounts(4, 3, 2, 1),
                    [2, 7, 900],
                    [0, 1, 0],
                    [new LineText("phone-invalid", "a"), new LineText("c", "d")]
                ),
            ],
        };

    internal static TestView Test => new(TestState.Overdue, TestResult.Inconclusive, Noon, Noon.AddHours(1));
}
