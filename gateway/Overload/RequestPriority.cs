namespace Grid.Gateway.Overload;

/// <summary>Classes of requests, in the order of service. Each has slots that no other class can take.</summary>
internal enum RequestPriority
{
    /// <summary>Results and sampling: a late result keeps people at home.</summary>
    Results,

    /// <summary>Displays and scans: people wait at a door.</summary>
    Doors,

    /// <summary>Every other call with a valid token.</summary>
    Authenticated,

    /// <summary>
    /// Sign-in and registration. Any caller can send any number of these, so they get no shared slots.
    /// </summary>
    Anonymous,
}
