namespace Grid.Silo.Hosting;

/// <summary>Something without which a process that runs should not be sent requests. Asked by <c>/readyz</c>; every one counts.</summary>
public interface IReadiness
{
    /// <summary>Why requests should go elsewhere; null when they may come.</summary>
    string? Missing { get; }

    /// <summary>The tier that it speaks of, as <c>/readyz</c> names it.</summary>
    string Tier => "cluster";
}
