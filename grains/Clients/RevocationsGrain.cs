using Grid.Keys;

namespace Grid.Clients;

/// <inheritdoc cref="IRevocationsGrain"/>
[GrainType("revocations")]
public sealed class RevocationsGrain(
    [PersistentState("revocations", "registry")] IPersistentState<RevocationsState> state,
    TimeProvider time
) : DurableGrain<RevocationsState>(state), IRevocationsGrain
{
    /// <summary>
    /// Maximum subjects revoked at once. An entry is dropped after <see cref="KeyRing.MaxTokenLife"/>, when its tokens
    /// have expired.
    /// </summary>
    public const int MaxSubjects = 10_000;

    // The last committed list: a read that interleaves with a change must not see the change before its commit.
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
        var oldest = (time.GetUtcNow() - KeyRing.MaxTokenLife).ToUnixTimeSeconds();
        var kept = State.Subjects.Where(each =>
            each.NotBeforeUnixSeconds >= oldest && (each.Role, each.Subject) != (subject.Role, subject.Subject)
        );
        RevokedSubject[] next = [.. kept, subject];
        if (next.Length > MaxSubjects)
            return false;
        await CommitAsync(new RevocationsState { Subjects = next });
        _committed = next;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<RevokedSubject[]> All() => new(_committed);
}
