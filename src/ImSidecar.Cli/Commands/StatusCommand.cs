using System.CommandLine;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;
using static ImSidecar.Cli.Terminal.Times;

namespace ImSidecar.Cli.Commands;

/// <summary>status: what the sidecar is and has, and whether all is well.</summary>
internal static class StatusCommand
{
    private const int BytesOfMebibyte = 1 << 20;

    public static Command Create(Shell shell)
    {
        var command = new Command(
            "status", "Tells what the sidecar is and has, and whether all is well: exit code 0 or 1.");
        shell.On(command, async call =>
        {
            var status = await call.AskAsync("Status", new StatusRequest(), StatusResponse.Parser);
            call.Tell(status, screen => Tell(status, screen));
            return status.Problems.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void Tell(StatusResponse status, Screen screen)
    {
        screen.Pairs(
            ("imsidecar", $"{status.Version}, node {status.Node}, up {Span(status.UptimeSeconds)}"),
            ("kamailio", Kamailio(status.Kamailio)),
            ("store", Store(status.Store)),
            ("deferred", Store(status.DeferredStore)),
            ("xdms", status.Xdms),
            ("msrp", Msrp(status.Msrp)),
            ("has", $"{Count(status.Conferences, "conference")}, {Count(status.Participants, "participant")}, "
                + $"{Count(status.Subscriptions, "subscription")}, {status.DocumentSubscriptions} to documents"),
            ("in work", $"{Count(status.RequestsInWork, "request")}, {Count(status.EventsInWork, "event")}, "
                + $"{Count(status.SavesWaiting, "save")}; refused since the start: {status.Refused}"),
            ("memory", $"{status.HeapBytes / BytesOfMebibyte} MiB"));
        screen.Line();
        if (status.Problems.Count == 0)
            screen.Line("All is well.");
        foreach (var problem in status.Problems)
            screen.Line("! " + problem);
    }

    private static string Kamailio(KamailioStatus? kamailio) => kamailio is null
        ? "not attached"
        : $"{kamailio.Instance}, {kamailio.Version}, "
            + $"im_sidecar.so {(kamailio.ModuleVersion.Length > 0 ? kamailio.ModuleVersion : "of an unknown version")}, "
            + $"attached since {Iso(kamailio.AttachedAt)}";

    private static string Store(StoreStatus store) =>
        $"{store.Kind} {store.Path}, {(store.Failing ? "cannot be written" : "well")}";

    private static string Msrp(MsrpPlaneStatus msrp)
    {
        var where = msrp.OwnProcess ? "a process of its own, " + msrp.Socket : "in this process";
        var legs = msrp.HasLegs
            ? $", {Count(msrp.Legs, "leg")}, {msrp.ConnectedLegs} connected, "
                + Count(msrp.RelaySessions, "relay session")
            : "";
        return $"{where}, {(msrp.Available ? "well" : "does not answer")}{legs}";
    }
}
