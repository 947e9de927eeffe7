using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Grid.Tests.Stores;

/// <summary>How a failure of the store travels between processes.</summary>
public sealed class StoreExceptionTests
{
    [Fact]
    public void A_failure_of_the_store_keeps_its_code_on_the_way_to_its_caller()
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
