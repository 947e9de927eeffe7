using System.Text.Json;
using Grid.Gateway.Errors;
using Microsoft.AspNetCore.Http;
using Orleans.Runtime.Messaging;

namespace Grid.Tests.Http;

public sealed class FaultTests
{
    public static TheoryData<Exception, string> Table =>
        new()
        {
            { new TimeoutException(), "timeout" },
            { new OperationCanceledException("m"), "timeout" },
            { new StoreException(StoreErrorCodes.Overloaded, "m"), "overloaded" },
            { new StoreException(StoreErrorCodes.Unavailable, "m"), "store-unavailable" },
            { new StoreException(StoreErrorCodes.Full, "m"), "store-unavailable" },
            { new StoreException(StoreErrorCodes.SchemaOlder, "m"), "internal" },
            { new StoreException(StoreErrorCodes.Damaged, "m"), "internal" },
            { new InconsistentStateException("m", "2", "1"), "store-unavailable" },
            { new AggregateException(new TimeoutException()), "timeout" },
            { new JsonException("610102199001010028"), "json-invalid" },
            { new BadHttpRequestException("m", 413), "body-too-large" },
            { new BadHttpRequestException("m", 408), "request-timeout" },
            { new BadHttpRequestException("m", new JsonException("610102199001010028")), "json-invalid" },
            { new InvalidOperationException("610102199001010028"), "internal" },
            { new RefusedException(ErrorCodes.TubeFull), "tube-full" },
            { new SiloUnavailableException("m"), "timeout" },
            { new GatewayTooBusyException("m"), "overloaded" },
        };

    [Theory]
    [MemberData(nameof(Table))]
    public void An_exception_maps_to_a_code_and_its_message_stays_private(Exception exception, string code)
    {
        var (mapped, detail) = Faults.Map(exception);

        Assert.Equal(code, mapped.Code);
        Assert.DoesNotContain("6101", detail ?? "", StringComparison.Ordinal);
    }
}
