using Orleans.Dashboard;

namespace Grid.Hosting.Telemetry;

/// <summary>Keeps the log out of Orleans' dashboard: not everyone who may see the dashboard may read the log.</summary>
public static class DashboardLog
{
    /// <summary>Hides the dashboard's page of log lines.</summary>
    public static void Hide(DashboardOptions dashboard) => dashboard.HideTrace = true;
}
