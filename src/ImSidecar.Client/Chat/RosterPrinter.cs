using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>Shows who is in, who comes and goes and what the conference is about, IM 6.1.2.12.</summary>
internal sealed class RosterPrinter(Screen screen)
{
    private IReadOnlyList<RosterLine> _lines = [];
    private string _about = "";

    public void Show(Notification told)
    {
        if (told.IsUnreadable)
            screen.Warn("the server sent a conference state that cannot be read; it is asked for another one");
        _lines = [.. told.Lines];

        // IM 6.1.2.12/notify-2
        if (About(told) is { Length: > 0 } about && about != _about)
            screen.Tell(_about = about);
        foreach (var change in told.Changes)
            Show(change);
    }

    public void ShowAll(Func<string, bool> isBlocked)
    {
        if (_lines.Count == 0)
            screen.Tell("nobody that we know of");
        foreach (var line in _lines)
        {
            var state = line.IsIn ? "" : $", {State(line)}";
            var address = line.Name is null ? "" : $" <{PlainText.Line(line.Entity)}>";
            screen.Tell($"{NameOf(line)}{address}{state}{(isBlocked(line.Entity) ? " [blocked]" : "")}");
        }
    }

    /// <summary>What to call the sender of a message.</summary>
    public string NameOf(string uri)
    {
        var line = SipUri.TryParse(uri, out var user)
            ? _lines.FirstOrDefault(each => SipUri.TryParse(each.Entity, out var one) && one.SamePerson(user))
            : null;
        return line is null ? Address.Short(uri) : NameOf(line);
    }

    private static string NameOf(RosterLine line) =>
        line.Name is { Length: > 0 } name ? PlainText.Line(name) : Address.Short(line.Entity);

    private void Show(RosterChange change)
    {
        // IM 6.1.2.12/notify-3: once each time he enters.
        var mark = change is { IsNew: true, Line.IsBlocked: true } ? " [blocked]" : "";
        var name = NameOf(change.Line);
        screen.Tell(change.Kind switch
        {
            RosterChangeKind.Present when change.Line.IsIn => $"{name} is here",
            RosterChangeKind.Present or RosterChangeKind.Alerting => $"{name} is {State(change.Line)}",
            RosterChangeKind.Joined => $"{name} joined",
            RosterChangeKind.Renamed => change.Line.Name is null
                ? $"{PlainText.Line(change.FormerName)} is {name} now"
                : $"{PlainText.Line(change.FormerName ?? Address.Short(change.Line.Entity))} is called {name} now",
            RosterChangeKind.PassedBy => $"{name} {Left(change.How, "was here and left")}",
            _ => $"{name} {Left(change.How, "left")}",
        } + mark);
    }

    private static string State(RosterLine line) => line.Status switch
    {
        EndpointStatus.Alerting => "alerted",
        EndpointStatus.DialingIn => "calling",
        EndpointStatus.DialingOut => "called",
        _ => "on the way",
    };

    private static string Left(DisconnectionMethod? how, string otherwise) => how switch
    {
        DisconnectionMethod.Booted => "was removed",
        DisconnectionMethod.Busy => "is busy",
        DisconnectionMethod.Failed => "could not be reached",
        _ => otherwise,
    };

    private static string About(Notification told)
    {
        var parts = new List<string>();
        if ((told.Description?.Subject ?? told.Description?.DisplayText) is { Length: > 0 } subject)
            parts.Add(PlainText.Line(subject));
        if (told.Conference?.UserCount is { } count)
            parts.Add($"{count} here" + (told.Description?.MaximumUserCount is { } most ? $" of at most {most}" : ""));
        if (told.Conference?.Locked == true)
            parts.Add("locked");
        return string.Join(", ", parts);
    }
}
