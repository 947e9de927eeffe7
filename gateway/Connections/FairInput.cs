using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Grid.Gateway.Connections;

/// <summary>
/// The input of a connection that yields to other connections. A client that pipelines requests, or streams lines
/// faster than they are read, always has its next input ready, so Kestrel would serve it on one thread without a
/// break: two such clients on two cores would block all others for seconds.
/// </summary>
internal sealed class FairInput(PipeReader inner) : PipeReader
{
    /// <summary>Consecutive reads without a yield.</summary>
    internal const int MaxReadsAtOnce = 16;

    private int _readsAtOnce;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            _readsAtOnce = 0;
            return read;
        }
        if (++_readsAtOnce < MaxReadsAtOnce)
            return read;
        _readsAtOnce = 0;
        return YieldAsync(read.Result);
    }

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    // Continue at the end of the pool's queue, behind every connection that is ready.
    private static async ValueTask<ReadResult> YieldAsync(ReadResult read)
    {
        await Task.Yield();
        return read;
    }
}

/// <summary>Wraps the input of each connection in <see cref="FairInput"/>.</summary>
internal static class FairConnections
{
    internal static void UseFairInput(this ListenOptions listen) =>
        listen.Use(static next =>
            connection =>
            {
                connection.Transport = new Transport(
                    new FairInput(connection.Transport.Input),
                    connection.Transport.Output
                );
                return next(connection);
            }
        );

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
