using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Grid.Clients;
using Grid.Codes;
using Grid.Residents;
using Grid.Sampling;
using Grid.Sessions;
using Grid.Silo.Stores;
using Grid.Vaccination;
using Grid.Venues;

namespace Grid.Tests.Serialization;

public sealed class RoundTripTests
{
    [Fact]
    public void Any_state_round_trips()
    {
        ComesBack<ResidentState>();
        ComesBack<TubeState>();
        ComesBack<DoseState>();
        ComesBack<SessionState>();
        ComesBack<VenueState>();
        ComesBack<ClientState>();
        ComesBack<RevocationsState>();
        ComesBack<HeldTubesState>();
        ComesBack<ConflictIndexState>();
        ComesBack<TestView>();
    }

    // FsCheck generates empty and null arrays, texts of any characters and times of any offset.
    private static void ComesBack<T>() =>
        Prop.ForAll(ArbMap.Default.ArbFor<T>(), static state =>
                JsonSerializer.Serialize(StateBytes.Decode<T>(StateBytes.Encode(state)))
                == JsonSerializer.Serialize(state)
            )
            .QuickCheckThrowOnFailure();
}
