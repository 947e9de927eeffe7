using System.IO.Pipelines;
using Grid.Gateway.Connections;

namespace Grid.Tests.Http;

public sealed class FairInputTests
{
    [Fact]
    public async Task Input_that_is_always_ready_yields_after_a_bounded_number_of_reads()
    {
        var pipe = new Pipe();
        var input = new FairInput(pipe.Reader);
        await pipe.Writer.WriteAsync(new byte[1000]);
        var (read, atOnce, others) = ReadUntilYielding(input);

        Assert.Equal(FairInput.MaxReadsAtOnce - 1, atOnce);
        others.RunAll();
        // The yield loses no input.
        Assert.Equal(1000 - atOnce, (await read).Buffer.Length);
    }

    private static (ValueTask<ReadResult> Read, int AtOnce, Others Others) ReadUntilYielding(FairInput input)
    {
        var (before, others) = (SynchronizationContext.Current, new Others());
        SynchronizationContext.SetSynchronizationContext(others);
        try
        {
            for (var atOnce = 0; ; atOnce++)
            {
                var read = input.ReadAsync();
                if (!read.IsCompleted || atOnce == 999)
                    return (read, atOnce, others);
                input.AdvanceTo(read.Result.Buffer.GetPosition(1));
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    [Fact]
    public async Task Input_that_is_awaited_never_yields()
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        var input = new FairInput(pipe.Reader);
        for (var i = 0; i < 10 * FairInput.MaxReadsAtOnce; i++)
        {
            var read = input.ReadAsync();
            Assert.False(read.IsCompleted);
            await pipe.Writer.WriteAsync(new byte[1]);
            Assert.True(read.IsCompleted);
            input.AdvanceTo((await read).Buffer.End);
        }
    }

    /// <summary>Queues the continuations of yields until the test runs them.</summary>
    private sealed class Others : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

        public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

        internal void RunAll()
        {
            while (_queue.TryDequeue(out var next))
                next.Callback(next.State);
        }
    }
}
