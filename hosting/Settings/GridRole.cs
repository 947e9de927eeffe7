namespace Grid.Hosting.Settings;

/// <summary>What a process does. Setting <c>Grid:Role</c>.</summary>
public enum GridRole
{
    /// <summary>
    /// Serves HTTP and hosts grains; alone, or as one of several equal members of a cluster. The gateway's default.
    /// </summary>
    All,

    /// <summary>Hosts grains; a member of a cluster. The silo's default.</summary>
    Silo,

    /// <summary>Serves HTTP; a member of a cluster that hosts no grain, so that a call takes one hop.</summary>
    Gateway,

    /// <summary>Serves HTTP from outside the silos' network, as an Orleans client.</summary>
    Client,
}
