using System.Text;
using Grid.Bench.Load.Http;

namespace Grid.Bench.Load.Stage;

/// <summary>Sealed tubes without a result, created for one run: their names and sizes.</summary>
internal sealed class TubeStock
{
    private readonly byte[] _prefix;

    /// <param name="run">Distinguishes the tubes of this run from those of other runs on the same data.</param>
    public TubeStock(string run, int count, int size, DateTimeOffset now)
    {
        Prefix = $"LOAD-{run}-";
        _prefix = Encoding.ASCII.GetBytes(Prefix);
        Count = count;
        Size = size;
        CollectedAt = now - TimeSpan.FromHours(6);
        TestedAt = now - TimeSpan.FromMinutes(5);
    }

    public string Prefix { get; }

    public int Count { get; }

    public int Size { get; }

    public DateTimeOffset CollectedAt { get; }

    public DateTimeOffset TestedAt { get; }

    public void WriteId(RequestBuffer request, int tube)
    {
        request.Append(_prefix);
        request.Append(tube);
    }

    /// <summary>
    /// The tubes as lines of a tube import. Members rotate through the residents, so that each is in as few tubes as
    /// possible.
    /// </summary>
    public IEnumerable<string> ImportLines(IReadOnlyList<string> residents)
    {
        var at = CollectedAt.UtcDateTime.ToString(
            "yyyy-MM-ddTHH:mm:ssZ",
            System.Globalization.CultureInfo.InvariantCulture
        );
        var line = new StringBuilder();
        for (var tube = 0; tube < Count; tube++)
        {
            line.Clear()
                .Append(
                    $"{{\"tubeId\":\"{Prefix}{tube}\",\"capacity\":{Size},\"siteId\":\"site-load\","
                        + "\"sealed\":true,\"samples\":["
                );
            for (var i = 0; i < Size; i++)
            {
                var resident = residents[(int)(((long)tube * Size + i) % residents.Count)];
                line.Append(i == 0 ? "" : ",").Append($"{{\"residentId\":\"{resident}\",\"collectedAt\":\"{at}\"}}");
            }
            yield return line.Append("]}").ToString();
        }
    }
}
