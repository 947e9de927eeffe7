using Grid.Results;

namespace Grid.Sampling;

/// <summary>
/// One sample tube: open → sealed → resulted → corrected. The key is the id on its barcode. Only the tube knows
/// its members, and it delivers every change to each of them exactly once.
/// </summary>
/// <remarks>
/// <c>by</c> is the subject of the caller's token: a site changes only its own tubes, a laboratory only its own
/// results. The state keeps who did what.
/// </remarks>
public interface ITubeGrain : IResumable
{
    /// <summary>Registers the tube. Results that were held for it apply from now on.</summary>
    Task<TubeAnswer> Open(TubeOpening opening, string by);

    /// <summary>Adds a resident's sample; answers when the tube and the resident are durable.</summary>
    Task<TubeAnswer> AddSample(SampleCollected sample, string by);

    /// <summary>Withdraws a sample; possible only before the seal.</summary>
    Task<TubeAnswer> Withdraw(Guid resident, PrivateText reason, string by);

    /// <summary>Seals the tube: no sample can be added or withdrawn.</summary>
    Task<TubeAnswer> Seal(string by);

    /// <summary>
    /// Imports a whole tube that was collected offline: opens it, adds the samples it lacks, and seals it when asked. A
    /// repeat counts as done. One refused sample refuses the whole tube.
    /// </summary>
    Task<TubeImportAnswer> Import(WholeTube tube, string by);

    /// <summary>
    /// Takes a laboratory's result and seals the tube. Answers when every member has the result, or when it is held
    /// durably for a tube that is not registered. The first laboratory that reports a tube owns its results: a result
    /// of another one waits for an operator.
    /// </summary>
    Task<ResultReceipt> Report(LabResult result, string by);

    /// <summary>The tube without its members.</summary>
    [ReadOnly]
    ValueTask<TubeView> Get();

    /// <summary>A conflict of the tube; null when it has none of this id.</summary>
    [ReadOnly]
    ValueTask<TubeConflict?> Conflict(Guid conflictId);

    /// <summary>Decides a conflict; answers when every member has the outcome. A repeat changes nothing.</summary>
    Task<ConflictAnswer> Resolve(Guid conflictId, ConflictDecision decision);
}
