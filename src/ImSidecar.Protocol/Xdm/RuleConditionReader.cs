using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Reads the conditions of a rule; what it does not know becomes a condition that never holds.</summary>
internal static class RuleConditionReader
{
    private static readonly string[] _instants = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>The error, or null.</summary>
    public static string? Read(XElement rule, out ImmutableArray<RuleCondition> read)
    {
        read = [];
        var builder = ImmutableArray.CreateBuilder<RuleCondition>();
        foreach (var element in rule.Child(XdmNames.CommonPolicy, "conditions")?.Elements() ?? [])
        {
            if (ReadOne(element, out var condition) is { } error)
                return error;

            builder.Add(condition);
        }

        // What else a rule has may narrow it.
        builder.AddRange(rule.Elements().Where(IsStrange).Select(each => new UnknownCondition(each.Name.LocalName)));
        read = builder.ToImmutable();
        return null;
    }

    private static bool IsStrange(XElement child) =>
        child.Name.NamespaceName != XdmNames.CommonPolicy
        || child.Name.LocalName is not ("conditions" or "actions" or "transformations");

    public static bool TryReadInstant(string? text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(
            text, _instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    private static string? ReadOne(XElement element, out RuleCondition condition)
    {
        condition = new UnknownCondition(element.Name.LocalName);
        switch (element.Name.NamespaceName, element.Name.LocalName)
        {
            case (XdmNames.CommonPolicy, "identity"):
                condition = ReadIdentity(element);
                return null;

            case (XdmNames.CommonPolicy, "sphere"):
                condition = new SphereCondition(element.Text("value") ?? "");
                return null;

            case (XdmNames.CommonPolicy, "validity"):
                return ReadValidity(element, out condition);

            // The drafts of 2005 have a text here; one that says no is nothing we know.
            case (XdmNames.ListService, "is-list-member"):
                condition = element.Text() is "" or "true" or "1" ? new IsListMemberCondition() : condition;
                return null;

            case (XdmNames.OmaCommonPolicy, "external-list"):
                condition = ReadExternalList(element);
                return null;

            case (XdmNames.OmaCommonPolicy, "other-identity"):
                condition = new OtherIdentityCondition();
                return null;

            case (XdmNames.OmaCommonPolicy, "anonymous-request"):
                condition = new AnonymousRequestCondition();
                return null;

            case (XdmNames.Extensions, "media-list"):
                condition = new MediaListCondition(ServiceListReader.ReadMedia(element));
                return null;

            case (XdmNames.Extensions, "service-list"):
                condition = new ServiceListCondition(ServiceListReader.Read(element));
                return null;

            default:
                return null;
        }
    }

    private static IdentityCondition ReadIdentity(XElement identity)
    {
        var one = ImmutableArray.CreateBuilder<string>();
        var many = ImmutableArray.CreateBuilder<IdentityDomain>();
        foreach (var element in identity.Elements())
        {
            // Children that we do not know may narrow what is meant: then it is nobody.
            if (element.Is(XdmNames.CommonPolicy, "one") && !element.HasElements && element.Text("id") is { } id)
                one.Add(id);
            else if (element.Is(XdmNames.CommonPolicy, "many")
                && element.Elements().All(child => child.Is(XdmNames.CommonPolicy, "except")))
                many.Add(ReadMany(element));
        }

        return new(one.ToImmutable(), many.ToImmutable());
    }

    private static IdentityDomain ReadMany(XElement many) => new(
        many.Text("domain"),
        [.. many.Elements().Select(except => except.Text("id")).OfType<string>()],
        [.. many.Elements().Select(except => except.Text("domain")).OfType<string>()]);

    private static ExternalListCondition ReadExternalList(XElement list) => new(
        [.. list.Elements().Where(entry => entry.Is(XdmNames.OmaCommonPolicy, "entry"))
            .Select(entry => entry.Text("anc")).OfType<string>()]);

    private static string? ReadValidity(XElement validity, out RuleCondition condition)
    {
        condition = new UnknownCondition("validity");
        var ranges = ImmutableArray.CreateBuilder<TimeRange>();
        DateTimeOffset? from = null;
        foreach (var element in validity.Elements())
        {
            if (!TryReadInstant(element.Text(), out var instant))
                return "A validity has no date and time";

            if (element.Is(XdmNames.CommonPolicy, "from") && from is null)
                from = instant;
            else if (element.Is(XdmNames.CommonPolicy, "until") && from is not null)
            {
                ranges.Add(new(from, instant));
                from = null;
            }
            else
                return "A validity is not from and until by turns";
        }

        if (from is not null)
            return "A validity is not from and until by turns";

        condition = new ValidityCondition(ranges.ToImmutable());
        return null;
    }
}
