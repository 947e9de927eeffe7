using Grid.Engine.Hosting;
using Grid.Engine.Runtime;
using Grid.Engine.Wire;

namespace Grid.Tests.Wire;

/// <summary>Takes the frame of a call instead of sending it.</summary>
internal sealed class CapturedCall : IGrainTransport
{
    private readonly FrameBuffer _frames = new();

    /// <summary>The body of the frame that a call would be sent in.</summary>
    internal static byte[] BodyOf(WireNode client, Func<Task> call)
    {
        var captured = new CapturedCall();
        var former = client.Router.Target;
        client.Router.Target = captured;
        var refused = call();
        client.Router.Target = former;
        Assert.IsType<GrainUnavailableException>(refused.Exception!.InnerException);
        return captured._frames.Written[Frames.HeaderBytes..].ToArray();
    }

    public void Send(PendingCall call)
    {
        Frames.WriteCall(_frames, 1, call, 1000);
        call.SetException(new GrainUnavailableException("captured"));
        call.LetGo();
    }
}
