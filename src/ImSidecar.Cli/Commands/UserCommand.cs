using System.CommandLine;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>user, or settings: how the service is for a user, and where he is registered.</summary>
internal static class UserCommand
{
    public static Command Create(Shell shell)
    {
        var user = new Option<string>("--user") { Description = "URI of the user", HelpName = "uri", Required = true };
        var active = new Option<bool?>("--active")
        {
            Description = "false: he neither sends nor gets anything",
            HelpName = "true|false",
        };
        var visible = new Option<bool?>("--visible")
        {
            Description = "false: for others he is not there",
            HelpName = "true|false",
        };
        var delivery = new Option<string?>("--delivery")
        {
            Description = "How he gets what was kept for him: push, notify, off or default",
            HelpName = "how",
        };
        delivery.AcceptOnlyFromAmong("push", "notify", "off", "default");

        var command = new Command("user", "Shows, or sets, how the service is for a user.")
        {
            user, active, visible, delivery,
        };
        command.Aliases.Add("settings");
        shell.On(
            command,
            async call =>
            {
                var request = new ServedUserRequest { User = call.Get(user) };
                if (call.Get(active) is { } isActive)
                    request.Active = isActive;
                if (call.Get(visible) is { } isVisible)
                    request.Visible = isVisible;
                if (call.Get(delivery) is { } wanted)
                    request.Delivery = wanted;

                var answer = await call.AskAsync("ServedUser", request, ServedUserResponse.Parser);
                return call.Tell(answer, screen => Tell(answer, screen));
            },
            ExitCode.OfAnswer);
        return command;
    }

    private static void Tell(ServedUserResponse answer, Screen screen)
    {
        screen.Line($"active: {Text(answer.Active)}");
        screen.Line($"visible: {Text(answer.Visible)}");
        screen.Line($"delivery: {answer.Delivery}");
        foreach (var contact in answer.Contacts)
        {
            screen.Line(
                $"contact: {contact.Contact} ({contact.Source}, {contact.ExpiresSeconds} s"
                + $"{(contact.TakesMessages ? "" : ", without the service")})");
        }
    }

    private static string Text(bool value) => value ? "true" : "false";
}
