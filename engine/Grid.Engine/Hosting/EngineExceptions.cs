using Grid.Codec;

namespace Grid.Engine.Hosting;

/// <summary>Makes the engine's own exceptions arrive at another silo with the type that they were thrown with.</summary>
internal static class EngineExceptions
{
    /// <summary>Called by every engine; the second time changes nothing.</summary>
    internal static void Register()
    {
        KnownExceptions.Register(image => new GrainOverloadedException(image.Message));
        KnownExceptions.Register(image => new GrainUnavailableException(image.Message));
        KnownExceptions.Register(image => new GrainDeadlockException(image.Message));
        KnownExceptions.Register(image => new LostAnswerException(image.Message));
        KnownExceptions.Register(
            image => new InconsistentStateException(image.Message, image.Detail(0), image.Detail(1)) { IsSourceActivation = false },
            thrown => [thrown.StoredEtag, thrown.CurrentEtag]);
    }
}
