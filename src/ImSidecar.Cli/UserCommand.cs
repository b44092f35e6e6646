using System.CommandLine;
using ImSidecar.Admin.V1;

namespace ImSidecar.Cli;

/// <summary>settings: how the service is for a user, and where he is registered.</summary>
internal static class UserCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var user = new Option<string>("--user") { Description = "URI of the user", Required = true };
        var active = new Option<bool?>("--active") { Description = "false: he neither sends nor gets anything" };
        var visible = new Option<bool?>("--visible") { Description = "false: for others he is not there" };
        var delivery = new Option<string?>("--delivery")
        {
            Description = "How he gets what was kept for him: push, notify, off or default",
        };
        delivery.AcceptOnlyFromAmong("push", "notify", "off", "default");
        var socket = new Option<string>("--socket")
        {
            Description = "Admin:Socket of the sidecar",
            DefaultValueFactory = _ => PolicyCommand.DefaultSocket,
        };

        var settings = new Command("settings", "Shows, or sets, how the service is for a user.")
        {
            user, active, visible, delivery, socket,
        };
        settings.SetAction(async (parsed, cancellation) =>
        {
            var request = new ServedUserRequest { User = parsed.GetValue(user) };
            if (parsed.GetValue(active) is { } isActive)
                request.Active = isActive;
            if (parsed.GetValue(visible) is { } isVisible)
                request.Visible = isVisible;
            if (parsed.GetValue(delivery) is { } wanted)
                request.Delivery = wanted;
            return await AskAsync(parsed.GetValue(socket)!, request, output, error, cancellation);
        });
        return settings;
    }

    private static async Task<int> AskAsync(
        string socket, ServedUserRequest request, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var client = new AdminClient(socket);
        try
        {
            var answer = await client.ServedUserAsync(request, cancellation);
            await output.WriteLineAsync($"active: {Text(answer.Active)}");
            await output.WriteLineAsync($"visible: {Text(answer.Visible)}");
            await output.WriteLineAsync($"delivery: {answer.Delivery}");
            foreach (var contact in answer.Contacts)
            {
                await output.WriteLineAsync(
                    $"contact: {contact.Contact} ({contact.Source}, {contact.ExpiresSeconds} s"
                    + $"{(contact.TakesMessages ? "" : ", without the service")})");
            }

            return 0;
        }
        catch (AdminException refused)
        {
            await error.WriteLineAsync("imsidecarctl: " + refused.Message);
            return refused.IsUsage ? ExitCode.Usage : ExitCode.NoAnswer;
        }
    }

    private static string Text(bool value) => value ? "true" : "false";
}
