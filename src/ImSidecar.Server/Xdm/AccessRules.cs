using System.Collections.Immutable;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;

namespace ImSidecar.Server.Xdm;

/// <summary>Access rules and block lists of users, read when they are asked for.</summary>
internal sealed class AccessRules(IXdmDocuments documents, XdmOptions options)
{
    private const string FileName = "access-rules";

    private readonly ImmutableArray<string> _roots = [.. options.Roots];

    /// <summary>The user's rules, or why they cannot be used; without documents they say nothing.</summary>
    public async ValueTask<(ResolvedUser? User, string Problem)> OfAsync(SipUri user)
    {
        try
        {
            return await ResolveAsync(user.AddressKey);
        }
        catch (XdmUnavailableException)
        {
            return (null, "Rules of the user are not available");
        }
    }

    private async ValueTask<(ResolvedUser? User, string Problem)> ResolveAsync(string user)
    {
        RuleSet? rules = null;
        var document = await ReadAsync(new(ApplicationUsage.AccessRules, user, FileName));
        if (document is not null && !RuleSetXml.TryParse(document.Content, out rules, out _))
            return (null, "Rules of the user cannot be used");

        var loaded = new Dictionary<DocumentSelector, ReferencedDocument>();
        while (true)
        {
            var expansion = ResolvedUser.Expand(user, rules, loaded, _roots);
            if (expansion.Resolved is { } resolved)
                return (resolved, "");

            foreach (var missing in expansion.Missing)
                loaded.Add(missing, Groups.Referenced(await ReadAsync(missing)));
        }
    }

    private ValueTask<XdmDocument?> ReadAsync(DocumentSelector selector) =>
        documents.ReadAsync(selector, CancellationToken.None);
}
