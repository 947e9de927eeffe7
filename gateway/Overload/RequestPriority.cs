namespace Grid.Gateway.Overload;

/// <summary>Classes of requests, the first served first. Each has places that no other class can take.</summary>
internal enum RequestPriority
{
    /// <summary>Results and sampling: a result that is late keeps people at home.</summary>
    Results,

    /// <summary>Displays and scans: people stand at a door.</summary>
    Doors,

    /// <summary>Every other call with a valid token.</summary>
    Authenticated,

    /// <summary>Sign-in and registration. Anybody can send these in any number, so they have their own places and no others.</summary>
    Anonymous,
}
