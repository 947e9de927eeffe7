using Grid.Keys;

namespace Grid.Clients;

/// <summary>The subjects whose earlier tokens don't count. One grain (key 0): rarely written, and read by each gateway every few seconds.</summary>
public interface IRevocationsGrain : IGrainWithIntegerKey
{
    /// <summary>Revokes the tokens that a subject has; false when as many are revoked as can be.</summary>
    Task<bool> Revoke(RevokedSubject subject);

    /// <summary>All of them that still matter.</summary>
    [AlwaysInterleave, ReadOnly]
    ValueTask<RevokedSubject[]> All();
}

/// <summary>A subject and the time up to which its tokens don't count.</summary>
/// <param name="Role">The number of the role in a token.</param>
/// <param name="Subject">The subject in a token.</param>
/// <param name="NotBeforeUnixSeconds">A token issued then or earlier is revoked.</param>
/// <param name="By">Who revoked it: the subject of the caller's token.</param>
[GenerateSerializer, Immutable, Alias("grid.revoked-subject")]
public sealed record RevokedSubject(
    [property: Id(0)] int Role,
    [property: Id(1)] string Subject,
    [property: Id(2)] long NotBeforeUnixSeconds,
    [property: Id(3)] string By = "");

/// <summary>What the store keeps of revocations.</summary>
[GenerateSerializer, Alias("grid.revocations-state")]
public sealed class RevocationsState
{
    /// <summary>The subjects, one entry each.</summary>
    [Id(0)] public RevokedSubject[] Subjects { get; set; } = [];
}

/// <inheritdoc cref="IRevocationsGrain"/>
[GrainType("revocations")]
public sealed class RevocationsGrain(
    [PersistentState("revocations", "registry")] IPersistentState<RevocationsState> state,
    TimeProvider time) : DurableGrain<RevocationsState>(state), IRevocationsGrain
{
    /// <summary>Subjects revoked at once; their tokens end after <see cref="KeyRing.TokenLifeMax"/> anyway.</summary>
    public const int SubjectsMax = 10_000;

    private RevokedSubject[] _committed = [];

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _committed = State.Subjects;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<bool> Revoke(RevokedSubject subject)
    {
        var oldest = (time.GetUtcNow() - KeyRing.TokenLifeMax).ToUnixTimeSeconds();
        var kept = State.Subjects.Where(each => each.NotBeforeUnixSeconds >= oldest && (each.Role, each.Subject) != (subject.Role, subject.Subject));
        RevokedSubject[] next = [.. kept, subject];
        if (next.Length > SubjectsMax)
            return false;
        await Commit(new RevocationsState { Subjects = next });
        _committed = next;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<RevokedSubject[]> All() => new(_committed);
}
