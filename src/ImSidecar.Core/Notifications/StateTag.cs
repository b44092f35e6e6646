using System.Globalization;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Notifications;

/// <summary>
/// The entity-tag of a session's state, RFC 5839 3: the same for all who watch and after a restart, another one for
/// every change that can be seen, for another session, and for a release that shows more than the one before it.
/// </summary>
internal static class StateTag
{
    // Of the document: one more when it says something that it did not say.
    private const int Shape = 1;
    private const int Length = 20;

    public static string Of(Conference conference, long rosterRevision, OperatorPolicy policy)
    {
        var limits = (policy.MaxAdHocParticipants, policy.MaxGroupParticipants);
        return Tokens.Digest(string.Create(
            CultureInfo.InvariantCulture, $"{Shape} {conference.SessionIdentity} {rosterRevision} {limits}"))[..Length];
    }
}
