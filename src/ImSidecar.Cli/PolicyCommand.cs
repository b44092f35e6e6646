using System.CommandLine;
using ImSidecar.Admin.V1;

namespace ImSidecar.Cli;

/// <summary>policy explain: why the rules of a group or a user say yes or no.</summary>
internal static class PolicyCommand
{
    internal const string DefaultSocket = "/run/imsidecar/admin.sock";

    public static Command Create(TextWriter output, TextWriter error)
    {
        var group = new Option<string?>("--group") { Description = "URI of the group whose document decides" };
        var rulesOf = new Option<string?>("--user-rules-of")
        {
            Description = "URI of the user whose access rules and block list decide",
        };
        var user = new Option<string[]>("--user")
        {
            Description = "URI of who asks; several times for one with several identities",
        };
        var anonymous = new Option<bool>("--anonymous") { Description = "Nobody knows who asks" };
        var action = new Option<string>("--action")
        {
            Description = "Element of the action, such as join-handling; allow-invite for user rules",
            Required = true,
        };
        var socket = new Option<string>("--socket")
        {
            Description = "Admin:Socket of the sidecar",
            DefaultValueFactory = _ => DefaultSocket,
        };

        var explain = new Command("explain", "Tells what the rules say and which rule, condition or default decided.")
        {
            group, rulesOf, user, anonymous, action, socket,
        };
        explain.Validators.Add(result =>
        {
            if (result.GetValue(group) is null == result.GetValue(rulesOf) is null)
                result.AddError("One of --group and --user-rules-of is needed");
            if (result.GetValue(user) is { Length: > 0 } == result.GetValue(anonymous))
                result.AddError("One of --user and --anonymous is needed");
        });
        explain.SetAction(async (parsed, cancellation) =>
        {
            var request = new ExplainPolicyRequest
            {
                Action = parsed.GetValue(action),
                Identities = { parsed.GetValue(user) ?? [] },
            };
            if (parsed.GetValue(group) is { } of)
                request.Group = of;
            else
                request.UserRulesOf = parsed.GetValue(rulesOf);

            return await ExplainAsync(parsed.GetValue(socket)!, request, output, error, cancellation);
        });
        return new("policy", "What the rules decide.") { explain };
    }

    /// <summary>Exit codes: 0 allowed, 1 denied, 2 wrong question, 3 no answer.</summary>
    private static async Task<int> ExplainAsync(
        string socket, ExplainPolicyRequest request, TextWriter output, TextWriter error,
        CancellationToken cancellation)
    {
        using var client = new AdminClient(socket);
        try
        {
            var answer = await client.ExplainPolicyAsync(request, cancellation);
            await output.WriteLineAsync($"{(answer.Allowed ? "allowed" : "denied")}: {answer.Explanation}");
            if (!answer.Allowed)
                await output.WriteLineAsync($"warning: {answer.Reason}");
            foreach (var problem in answer.Problems)
                await output.WriteLineAsync($"problem: {problem}");

            return answer.Allowed ? ExitCode.Allowed : ExitCode.Denied;
        }
        catch (AdminException refused)
        {
            await error.WriteLineAsync("imsidecarctl: " + refused.Message);
            return refused.IsUsage ? ExitCode.Usage : ExitCode.NoAnswer;
        }
    }
}
