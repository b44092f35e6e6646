using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>
/// IM 7.2.3 User plane: who may write to single participants. Of a pre-defined group allow-private-message says so;
/// where no rule does, and in ad-hoc sessions, the operator.
/// </summary>
internal static class PrivateMessagePolicy
{
    public static bool Allows(Joiner writer, Facts facts) => facts.Group is { } group
        ? GroupPolicy.Ask(group, GroupAction.AllowPrivateMessage, writer, facts).Allowed
        : facts.Operator.PrivateMessages;
}
