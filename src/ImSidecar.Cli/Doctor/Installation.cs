using ImSidecar.Admin.V1;

namespace ImSidecar.Cli.Doctor;

/// <summary>What is examined: the configuration in force, and the sidecar as far as it answers.</summary>
internal sealed record Installation(Settings Settings, string ConfigurationFile)
{
    /// <summary>Null: it does not answer, and <see cref="Silence"/> says why.</summary>
    public StatusResponse? Status { get; init; }

    public string Silence { get; init; } = "";

    public string Socket { get; init; } = Shell.DefaultSocket;

    public bool OwnPlane => Settings["MsrpControl:Socket"].Length > 0;
}
