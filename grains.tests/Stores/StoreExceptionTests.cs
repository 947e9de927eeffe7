using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Grid.Tests.Stores;

/// <summary>The serialization of store failures.</summary>
public sealed class StoreExceptionTests
{
    [Fact]
    public void A_store_failure_keeps_its_code_across_processes()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();

        var arrived = serializer.Deserialize<Exception>(
            serializer.SerializeToArray<Exception>(new StoreException(StoreErrorCodes.Overloaded, "The queue is full."))
        );

        var failure = Assert.IsType<StoreException>(arrived);
        Assert.Equal((StoreErrorCodes.Overloaded, "The queue is full."), (failure.Code, failure.Message));
    }
}
