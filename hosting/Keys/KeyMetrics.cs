using System.Diagnostics.Metrics;
using Grid.Keys;

namespace Grid.Hosting.Keys;

/// <summary>The age of the keys, under the meter <c>Grid.Keys</c>.</summary>
internal sealed class KeyMetrics
{
    internal const string MeterName = "Grid.Keys";

    private static readonly KeyPurpose[] Rotating =
    [
        .. Enum.GetValues<KeyPurpose>().Where(static purpose => purpose != KeyPurpose.ResidentPepper),
    ];

    public KeyMetrics(IMeterFactory meters, KeyRing ring) =>
        meters
            .Create(MeterName)
            .CreateObservableGauge(
                "grid.key.created",
                () =>
                    Rotating
                        .Where(purpose => ring.All(purpose).Count > 0)
                        .Select(purpose => new Measurement<long>(
                            ring.All(purpose)[^1].CreatedAt.ToUnixTimeSeconds(),
                            new KeyValuePair<string, object?>("purpose", NameOf(purpose))
                        )),
                "s",
                "Unix time at which the newest key of a purpose was made."
            );

    // AccessToken becomes access-token, the spelling used elsewhere.
    private static string NameOf(KeyPurpose purpose) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(purpose.ToString());
}
