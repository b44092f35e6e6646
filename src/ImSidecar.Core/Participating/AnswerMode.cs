using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Participating;

/// <summary>Who may have a phone answer by itself, RFC 5373: the called user says so, not the caller.</summary>
internal static class AnswerMode
{
    private const string Name = "Answer-Mode";
    private const string Privileged = "Priv-Answer-Mode";
    private const string Auto = "Auto";

    public static PassOn Apply(
        PassOn passed, PassingRequest request, InviteHandling handling, ResolvedUser rules, Requester who,
        RuleCircumstances circumstances, Precedence precedence)
    {
        var removed = ImmutableArray.CreateBuilder<string>();
        var mayAnswer = handling == InviteHandling.Accept && Allows(UserAction.AllowAutoAnswermode);
        if (!mayAnswer && AsksAuto(request, Name))
            removed.Add(Name);
        if (AsksAuto(request, Privileged) && !Allows(UserAction.AllowManualAnswerOverride))
            removed.Add(Privileged);

        // Who asks for a ring himself gets one.
        return passed with
        {
            Removed = removed.DrainToImmutable(),
            Added = mayAnswer && request.Headers.First(Name) is null ? SipHeaders.Of((Name, Auto)) : SipHeaders.Empty,
        };

        bool Allows(UserAction action) => UserRules.Decide(rules, action, who, circumstances, precedence).Allowed;
    }

    // Anything but a clear Manual: what we do not understand, a phone might.
    private static bool AsksAuto(PassingRequest request, string name)
    {
        foreach (var value in request.Headers.Values(name))
        {
            if (!value.Split(';')[0].Trim().Equals("Manual", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
