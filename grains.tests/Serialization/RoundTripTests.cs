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
    public void Any_state_comes_back_as_it_was_written()
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

    // FsCheck makes arrays that are empty or null, texts of any characters, moments of any offset.
    private static void ComesBack<T>() =>
        Prop.ForAll(ArbMap.Default.ArbFor<T>(), static state =>
                JsonSerializer.Serialize(StateBytes.Decode<T>(StateBytes.Encode(state)))
                == JsonSerializer.Serialize(state)
            )
            .QuickCheckThrowOnFailure();
}
