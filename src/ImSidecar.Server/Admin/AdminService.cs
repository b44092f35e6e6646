using System.Collections.Immutable;
using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Admin;

/// <summary>Answers imsidecarctl with what the rules of the running sidecar say.</summary>
internal sealed class AdminService(
    Groups groups, AccessRules accessRules, Live<OperatorPolicy> policy, TimeProvider time)
{
    public const string Name = "imsidecar.v1.Admin";

    private const string AllowInvite = "allow-invite";
    private const int MaxIdentities = 16;

    public Task<ExplainPolicyResponse> ExplainPolicyAsync(ExplainPolicyRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        if (request.Identities.Count > MaxIdentities)
            throw Invalid($"No more than {MaxIdentities} identities");

        var who = new Requester([.. request.Identities.Select(each => Uri(each, "identity"))]);
        return request.RulesCase switch
        {
            ExplainPolicyRequest.RulesOneofCase.Group => OfGroupAsync(request, who),
            ExplainPolicyRequest.RulesOneofCase.UserRulesOf => OfUserAsync(request, who),
            _ => throw Invalid("A group or a user is needed"),
        };
    }

    private async Task<ExplainPolicyResponse> OfGroupAsync(ExplainPolicyRequest request, Requester who)
    {
        var uri = Uri(request.Group, "group");
        var action = Action<GroupAction>(request.Action, []);
        var facts = await groups.OfAsync(uri);
        if (facts.IsNone)
            throw new GrpcStatusException(GrpcStatusCode.NotFound, $"There is no group {uri.AddressKey}");

        return Answer(GroupPolicy.Ask(facts, action, who, time.GetUtcNow(), policy.Value), facts.Group?.Problems ?? []);
    }

    private async Task<ExplainPolicyResponse> OfUserAsync(ExplainPolicyRequest request, Requester who)
    {
        var uri = Uri(request.UserRulesOf, "user");
        var isInvite = request.Action == AllowInvite;
        var action = isInvite ? default : Action<UserAction>(request.Action, [AllowInvite]);
        var facts = await accessRules.OfAsync(uri);
        if (facts.User is not { } user)
            return Answer(Verdict.Deny(facts.Problem), []);

        var about = new RuleCircumstances
        {
            Now = time.GetUtcNow(),
            Service = policy.Value.ServiceName,
            Media = GroupPolicy.Media,
        };
        var verdict = isInvite
            ? UserRules.DecideInvite(user, who, about, policy.Value.Precedence).Verdict
            : UserRules.Decide(user, action, who, about, policy.Value.Precedence);
        return Answer(verdict, user.Problems);
    }

    private static ExplainPolicyResponse Answer(Verdict verdict, ImmutableArray<string> problems) => new()
    {
        Allowed = verdict.Allowed,
        Reason = verdict.Reason,
        Explanation = verdict.Explanation,
        Problems = { problems },
    };

    public static SipUri Uri(string text, string what) =>
        SipUri.TryParse(text, out var uri) ? uri : throw Invalid($"The {what} is no SIP or tel URI");

    private static T Action<T>(string name, string[] others)
        where T : struct, Enum
    {
        foreach (var action in Enum.GetValues<T>())
            if (NameOf(action) == name)
                return action;

        var known = others.Concat(Enum.GetValues<T>().Select(NameOf));
        throw Invalid($"There is no such action here; there are {string.Join(", ", known)}");
    }

    private static string NameOf<T>(T action)
        where T : struct, Enum =>
        RuleActions.NameOf((RuleAction)(int)(object)action);

    private static GrpcStatusException Invalid(string message) => new(GrpcStatusCode.InvalidArgument, message);
}
