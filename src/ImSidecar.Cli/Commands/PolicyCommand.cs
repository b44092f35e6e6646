using System.CommandLine;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>policy explain: why the rules of a group or a user say yes or no.</summary>
internal static class PolicyCommand
{
    public static Command Create(Shell shell)
    {
        var group = new Option<string?>("--group")
        {
            Description = "URI of the group whose document decides",
            HelpName = "uri",
        };
        var rulesOf = new Option<string?>("--user-rules-of")
        {
            Description = "URI of the user whose access rules and block list decide",
            HelpName = "uri",
        };
        var user = new Option<string[]>("--user")
        {
            Description = "URI of who asks; several times for one with several identities",
            HelpName = "uri",
        };
        var anonymous = new Option<bool>("--anonymous") { Description = "Nobody knows who asks" };
        var action = new Option<string>("--action")
        {
            Description = "Element of the action, such as join-handling; allow-invite for user rules",
            HelpName = "action",
            Required = true,
        };

        var explain = new Command(
            "explain",
            "Tells what the rules say and which rule, condition or default decided: exit code 0 allowed, 1 denied.")
        {
            group, rulesOf, user, anonymous, action,
        };
        explain.Validators.Add(result =>
        {
            if (result.GetValue(group) is null == result.GetValue(rulesOf) is null)
                result.AddError("One of --group and --user-rules-of is needed");
            if (result.GetValue(user) is { Length: > 0 } == result.GetValue(anonymous))
                result.AddError("One of --user and --anonymous is needed");
        });
        shell.On(
            explain,
            async call =>
            {
                var request = new ExplainPolicyRequest
                {
                    Action = call.Get(action),
                    Identities = { call.Get(user) ?? [] },
                };
                if (call.Get(group) is { } of)
                    request.Group = of;
                else
                    request.UserRulesOf = call.Get(rulesOf);

                var answer = await call.AskAsync("ExplainPolicy", request, ExplainPolicyResponse.Parser);
                call.Tell(answer, screen => Tell(answer, screen));
                return answer.Allowed ? ExitCode.Allowed : ExitCode.Denied;
            },
            ExitCode.OfAnswer);
        return new("policy", "What the rules decide.") { explain };
    }

    private static void Tell(ExplainPolicyResponse answer, Screen screen)
    {
        screen.Line($"{(answer.Allowed ? "allowed" : "denied")}: {answer.Explanation}");
        if (!answer.Allowed)
            screen.Line($"warning: {answer.Reason}");
        foreach (var problem in answer.Problems)
            screen.Line($"problem: {problem}");
    }
}
