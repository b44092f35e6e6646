using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm;

/// <summary>
/// Group documents with all they refer to, compiled, and kept until one of those documents changes: what the rules ask
/// costs a look-up.
/// </summary>
internal sealed class Groups : IDisposable
{
    private readonly CompiledDocuments<GroupFacts> _compiled;
    private readonly ILogger _logger;
    private readonly ImmutableArray<string> _roots;

    public Groups(IXdmDocuments documents, XdmOptions options, ILogger<Groups> logger)
    {
        _logger = logger;
        _roots = [.. options.Roots];
        _compiled = new(documents, options.MaxGroups, ReadAsync, Unavailable);
    }

    /// <summary>The address key of a group whose document, or one it refers to, has changed.</summary>
    public event Action<string>? Changed
    {
        add => _compiled.Changed += value;
        remove => _compiled.Changed -= value;
    }

    /// <summary>What the XDMS says of the group; never throws for what it says, or does not say.</summary>
    public ValueTask<GroupFacts> OfAsync(SipUri group) => _compiled.OfAsync(group.AddressKey);

    /// <summary>
    /// Asks for the documents of a group in use again: so they stay in use at a remote XDMS, and a change that nobody
    /// told of is found.
    /// </summary>
    public Task ReviewAsync(SipUri group) => _compiled.ReviewAsync(group.AddressKey);

    public void Dispose() => _compiled.Dispose();

    private async ValueTask<GroupFacts> ReadAsync(CompiledDocuments<GroupFacts>.Reading reading) =>
        await reading.ReadAsync(DocumentSelector.OfGroup(reading.Key)) is { } document
            ? await CompileAsync(reading, document)
            : GroupFacts.None;

    private async ValueTask<GroupFacts> CompileAsync(
        CompiledDocuments<GroupFacts>.Reading reading, XdmDocument document)
    {
        if (!GroupDocumentXml.TryParse(document.Content, out var services, out var error))
            return Unusable(reading.Key, error);

        if (services.FirstOrDefault(each => each.Uri.AddressKey == reading.Key) is not { } service)
            return Unusable(reading.Key, "it is not about this group");

        var loaded = new Dictionary<DocumentSelector, ReferencedDocument>();
        while (true)
        {
            var expansion = ResolvedGroup.Expand(service, loaded, _roots, document.Owner);
            if (expansion.Resolved is { } group)
            {
                foreach (var problem in group.Problems)
                    Log.GroupProblem(_logger, reading.Key, problem);
                return GroupFacts.Of(group);
            }

            foreach (var missing in expansion.Missing)
                loaded.Add(missing, Referenced(await reading.ReadAsync(missing)));
        }
    }

    internal static ReferencedDocument Referenced(XdmDocument? document) =>
        document is null ? new(null)
        : ResourceListsXml.TryParse(document.Content, out var lists, out var error) ? new(lists)
        : new(null, error);

    private GroupFacts Unusable(string group, string problem)
    {
        Log.GroupProblem(_logger, group, problem);
        return GroupFacts.Unusable("Group document cannot be used");
    }

    private GroupFacts Unavailable(string group, Exception error)
    {
        if (error is XdmUnavailableException)
        {
            Log.GroupUnavailable(_logger, group, error.Message);
            return GroupFacts.Unusable("Group document is not available");
        }

        Log.GroupFailed(_logger, group, error);
        return GroupFacts.Unusable("Group document cannot be used");
    }
}
