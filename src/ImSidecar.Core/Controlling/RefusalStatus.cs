using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.2/fail-1: the status the inviter gets when every invitee refused, by local policy.</summary>
internal static class RefusalStatus
{
    public static SipStatus ForInviter(ImmutableArray<int> codes, AllRefused policy)
    {
        if (policy == AllRefused.Fixed480 || codes.IsEmpty)
            return SipStatus.TemporarilyUnavailable;

        var code = policy == AllRefused.Lowest
            ? codes.Min()
            : codes.GroupBy(each => each / 100).OrderByDescending(group => group.Key).First().Min();

        return code switch
        {
            // A challenge or redirection was meant for us, not for the inviter.
            401 or 407 => SipStatus.Forbidden,
            < 400 => SipStatus.TemporarilyUnavailable,
            // These speak of our own request and want header fields that the inviter could not use.
            405 or 406 or 415 or 416 or 420 or 421 or 422 or 423 or 481 or 482 or 483 or 489 or 491 or 494 =>
                SipStatus.TemporarilyUnavailable,
            _ => SipStatus.Refusal(code),
        };
    }
}
