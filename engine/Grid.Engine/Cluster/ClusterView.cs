using System.Text.Json;
using System.Text.Json.Serialization;
using Grid.Engine.Wire;

namespace Grid.Engine.Cluster;

/// <summary>One life of a silo: the name stays when its process is started anew, the incarnation does not.</summary>
/// <param name="Name">The silo's name, unique in its cluster.</param>
/// <param name="Incarnation">Grows with each life.</param>
public readonly record struct MemberId(string Name, long Incarnation)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}#{Incarnation}";
}

/// <summary>What a member of the cluster does.</summary>
public enum MemberState : byte
{
    /// <summary>Owns its share of the units.</summary>
    Active = 1,

    /// <summary>Hands its units over and goes.</summary>
    Leaving = 2,

    /// <summary>Lives, but owns nothing, because another member can't reach it.</summary>
    Standby = 3,
}

/// <summary>A silo that belongs to the cluster.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Address">Where it listens for calls.</param>
/// <param name="ProtocolMin">The oldest version of the protocol that it speaks.</param>
/// <param name="ProtocolMax">The newest version of the protocol that it speaks.</param>
/// <param name="State">What it does.</param>
public sealed record Member(MemberId Id, SiloAddress Address, int ProtocolMin, int ProtocolMax, MemberState State)
{
    /// <summary>The version of the view in which it first was a member.</summary>
    public long Since { get; init; }

    /// <summary>The names of members that it has not reached for some time; null for none.</summary>
    public string[]? Unreachable { get; init; }
}

/// <summary>Who owns a unit.</summary>
/// <param name="Owner">The owner; null before the first.</param>
/// <param name="Epoch">Grows with each change of the owner; a store takes no write of an older one.</param>
/// <param name="Former">
/// The owner before, if the unit was taken from it because it was held dead: the new owner may serve only when
/// that one can't do so any more, see <see cref="Departure"/>.
/// </param>
public sealed record UnitOwner(MemberId? Owner, long Epoch, MemberId? Former = null);

/// <summary>A member that was taken out because it was held dead.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Beat">
/// Its beat as last seen before. If the beat is the same after the view without it stood, it has not renewed its lease
/// in between, and so its lease is over; if not, it may serve for one lease more.
/// </param>
public sealed record Departure(MemberId Id, long Beat);

/// <summary>Who is in the cluster and who owns what: one version of it, which never changes.</summary>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="Members">The silos, by name.</param>
/// <param name="Units">The owner of each unit.</param>
/// <param name="Departed">Members that were held dead, as long as a unit names one as its former owner.</param>
public sealed record ClusterView(long Version, Member[] Members, UnitOwner[] Units, Departure[] Departed)
{
    /// <summary>Units at the most: one for each partition.</summary>
    public const int UnitsMax = Grid.Codec.Partitions.Count;

    /// <summary>A view of this many units that belong to nobody.</summary>
    public static ClusterView Empty(int units) =>
        new(0, [], [.. Enumerable.Repeat(new UnitOwner(null, 0), units)], []);

    /// <summary>Reads what <see cref="ToBytes"/> made.</summary>
    /// <exception cref="FormatException">The bytes are no view.</exception>
    public static ClusterView Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ClusterViewJson.Default.ClusterView) is { Members: not null, Units: not null, Departed: not null } view
                && view.Units.Length is > 0 and <= UnitsMax
                ? view
                : throw new FormatException("The bytes are no view of a cluster.");
        }
        catch (JsonException fault)
        {
            throw new FormatException("The bytes are no view of a cluster.", fault);
        }
    }

    /// <summary>The view as UTF-8 JSON: how it is stored, pushed, and read by a person.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ClusterViewJson.Default.ClusterView);

    /// <summary>The member, or null when it is none (any more).</summary>
    public Member? Find(MemberId id) => Members.FirstOrDefault(member => member.Id == id);

    /// <summary>The member that owns a unit; null when nobody does, or one that is no member any more.</summary>
    public Member? OwnerOf(int unit) => Units[unit].Owner is { } owner ? Find(owner) : null;

    /// <summary>This with a member added, or changed. No other life of the same name may be in it.</summary>
    public ClusterView With(Member member) => this with
    {
        Members = [.. Members.Where(other => other.Id.Name != member.Id.Name).Append(member).OrderBy(each => each.Id.Name, StringComparer.Ordinal)],
    };

    /// <summary>This without a member that is held dead since its beat stopped at <paramref name="beat"/>.</summary>
    public ClusterView WithoutDead(MemberId id, long beat) => this with
    {
        Members = [.. Members.Where(member => member.Id != id)],
        Departed = [.. Departed, new Departure(id, beat)],
    };

    /// <summary>This without a member that has given everything up.</summary>
    public ClusterView WithoutLeaver(MemberId id) => this with { Members = [.. Members.Where(member => member.Id != id)] };

    /// <summary>This with a unit in the hands of another owner, who may serve at once.</summary>
    public ClusterView Give(int unit, MemberId to)
    {
        var units = Units.ToArray();
        units[unit] = new UnitOwner(to, units[unit].Epoch + 1);
        return this with { Units = units };
    }

    /// <summary>
    /// This with every unit that no member owns given to whom it falls, if there is an active one; and the next version's number.
    /// </summary>
    public ClusterView Settle()
    {
        var units = Units;
        if (Enumerable.Range(0, Units.Length).Any(unit => OwnerOf(unit) is null))
        {
            var targets = PartitionMap.Assign(this);
            units = [.. Units.Select((unit, number) => OwnerOf(number) is not null || targets[number] is not { } target ? unit
                : new UnitOwner(target, unit.Epoch + 1, Departed.Any(gone => gone.Id == unit.Owner) ? unit.Owner : null))];
        }

        return this with
        {
            Version = Version + 1,
            Units = units,
            Departed = [.. Departed.Where(gone => units.Any(unit => unit.Former == gone.Id || unit.Owner == gone.Id))],
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ClusterView))]
internal sealed partial class ClusterViewJson : JsonSerializerContext;
