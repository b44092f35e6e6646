using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// What an IMS core wants to find in what we send: the P-Charging-Vector and the P-Access-Network-Info of the request that
/// is its cause; 3GPP TS 24.229 5.7.3 and 5.7.5, RFC 7315. The gateway leaves them only in requests of the core.
/// </summary>
internal static class Charging
{
    public const string AccessNetwork = "P-Access-Network-Info";

    private const int MaxAccessNetworks = 4;
    private const int MaxLength = 512;

    /// <summary>For invitations that the request causes; one without vector gets ours if that is wanted.</summary>
    public static ImmutableArray<SipHeader> OfInvitations(
        ImRequest request, Facts facts, bool isHiding = false)
    {
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        var vector = Received(request);
        if (vector is null && facts.Operator.CreateChargingVector)
            vector = new(facts.Derive("icid")) { GeneratedAt = facts.Operator.ConferenceFactory.Host };

        // The next network is told of ours, not of the one before.
        if (vector is not null)
            fields.Add(new(ChargingVector.Name, $"{vector with { OrigIoi = Ioi(facts) }}"));

        // Where somebody is says who he may be.
        if (!isHiding && !AuthenticatedOriginator.AsksPrivacy(request))
            fields.AddRange(AccessNetworks(request.Headers).Select(each => new SipHeader(AccessNetwork, each)));

        return fields.DrainToImmutable();
    }

    /// <summary>For our answer: the vector as it came, and our network as what answers. Null: none came.</summary>
    public static string? OfAnswer(ImRequest request, Facts facts) =>
        Received(request) is { } vector ? $"{vector with { TermIoi = Ioi(facts) }}" : null;

    public static SipHeaders WithCharging(this SipHeaders headers, string? vector) =>
        vector is null ? headers : headers.With(ChargingVector.Name, vector);

    public static bool IsOne(SipHeader field) => field.Name is ChargingVector.Name or AccessNetwork;

    private static ChargingVector? Received(ImRequest request) =>
        request.Headers.CountOf(ChargingVector.Name) == 1
        && ChargingVector.TryParse(request.Headers.First(ChargingVector.Name)!, out var vector)
            ? vector
            : null;

    private static string? Ioi(Facts facts) => facts.Operator.Ioi.Length > 0 ? facts.Operator.Ioi : null;

    private static IEnumerable<string> AccessNetworks(SipHeaders headers) => headers.Values(AccessNetwork)
        .Where(each => each.Length <= MaxLength && !each.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        .Take(MaxAccessNetworks);
}
