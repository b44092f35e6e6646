using System.Collections.Immutable;
using System.Xml.Linq;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Reads what XDM extensions add to a list-service.</summary>
internal static class GroupExtensionReader
{
    private const string Extension = XdmNames.Extensions;

    /// <summary>What of it this release acts upon, whatever must be understood.</summary>
    private static readonly ImmutableHashSet<XName> _understood =
    [
        XName.Get("display-name", XdmNames.ListService), XName.Get("list", XdmNames.ListService),
        XName.Get("invite-members", XdmNames.ListService), XName.Get("max-participant-count", XdmNames.ListService),
        XName.Get("ruleset", XdmNames.CommonPolicy), XName.Get("subject", Extension),
        XName.Get("supported-services", Extension), XName.Get("searchable", Extension),
        XName.Get("automatic-group-advertisement", Extension), XName.Get("session-active-policy", Extension),
    ];

    /// <summary>The error, or null.</summary>
    public static string? Read(XElement service, GroupDocument before, out GroupDocument group)
    {
        group = before;
        if (!GroupDocumentXml.TryReadFlag(service.Child(Extension, "searchable"), out var searchable))
            return "The value of searchable is none";

        if (!GroupDocumentXml.TryReadFlag(
            service.Child(Extension, "automatic-group-advertisement"), out var advertise))
            return "The value of automatic-group-advertisement is none";

        SessionActivePolicy? active = null;
        if (service.Child(Extension, "session-active-policy") is { } policy
            && ReadSessionActive(policy, out active) is { } error)
            return error;

        group = before with
        {
            Subject = service.Child(Extension, "subject")?.Text(),
            SupportedServices = service.Child(Extension, "supported-services") is { } services
                ? ServiceListReader.Read(services) : null,
            SessionActive = active,
            AgeRestrictions = ReadAges(service.Child(Extension, "age-restrictions")),
            Qoe = service.Child(Extension, "qoe")?.Elements().FirstOrDefault()?.Name.LocalName,
            Searchable = searchable,
            AdvertiseAutomatically = advertise,
            NotUnderstood = [.. service.Elements().Where(MustBeUnderstood).Select(each => each.Name.LocalName)],
        };
        return null;
    }

    // A value that is no boolean is taken as a demand.
    private static bool MustBeUnderstood(XElement element) =>
        !_understood.Contains(element.Name)
        && element.AttributeIn(Extension, "must-understand") is not (null or "false" or "0");

    private static ImmutableArray<AgeRange> ReadAges(XElement? restrictions) =>
        [.. (restrictions?.Elements() ?? []).Where(each => each.Is(Extension, "age"))
            .Select(age => new AgeRange(Years(age.Text("from")), Years(age.Text("until"))))];

    private static int? Years(string? text) => int.TryParse(text, out var years) ? years : null;

    private static string? ReadSessionActive(XElement policy, out SessionActivePolicy? read)
    {
        read = null;
        if (!GroupDocumentXml.TryReadCount(policy.Child(Extension, "max-duration"), 1, out var seconds))
            return "The value of max-duration is none";

        if (!GroupDocumentXml.TryReadCount(policy.Child(Extension, "min-participant-count"), 1, out var least))
            return "The value of min-participant-count is none";

        var schedule = ImmutableArray.CreateBuilder<TimeRange>();
        foreach (var range in policy.Child(Extension, "schedule")?.Elements() ?? [])
        {
            if (!TryReadInstant(range.Child(Extension, "start-time"), out var start)
                || !TryReadInstant(range.Child(Extension, "end-time"), out var end))
                return "A schedule has no date and time";

            schedule.Add(new(start, end));
        }

        var required = policy.Child(Extension, "required-participants-list");
        read = new(
            seconds is { } duration ? TimeSpan.FromSeconds(duration) : null,
            least,
            Attributes(required, "entry", "uri"),
            Attributes(required, "external", "anchor"),
            schedule.ToImmutable());
        return null;
    }

    private static bool TryReadInstant(XElement? element, out DateTimeOffset? instant)
    {
        instant = null;
        if (element is null)
            return true;

        var isInstant = RuleConditionReader.TryReadInstant(element.Text(), out var read);
        instant = read;
        return isInstant;
    }

    private static ImmutableArray<string> Attributes(XElement? list, string element, string attribute) =>
        [.. (list?.Elements() ?? []).Where(each => each.Is(Extension, element))
            .Select(each => each.Text(attribute)).OfType<string>()];
}
