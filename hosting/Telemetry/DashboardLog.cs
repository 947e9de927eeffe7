using Orleans.Dashboard;

namespace Grid.Hosting.Telemetry;

/// <summary>Hides the log in Orleans' dashboard: its users may not have access to the log.</summary>
public static class DashboardLog
{
    /// <summary>Hides the dashboard's page of log lines.</summary>
    public static void Hide(DashboardOptions dashboard) => dashboard.HideTrace = true;
}
