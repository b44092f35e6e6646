using System.Security;
using System.Text;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Client.Blocking;

/// <summary>The block list in the XDMS, IM 6.1.2.12 and RFC 4825: a list of the user's resource-lists.</summary>
public sealed class XcapBlockList(XcapAccess access) : IDisposable
{
    private const int MaxSteps = 5;
    private const string ElementType = "application/xcap-el+xml";
    private const string DocumentType = "application/resource-lists+xml";
    private const string Namespace = "urn:ietf:params:xml:ns:resource-lists";

    private readonly XcapConnection _connection = new(access);
    private readonly SemaphoreSlim _turn = new(1);
    private string? _tag;
    private bool _hasDocument;

    /// <summary>As it was last read or written.</summary>
    public BlockList List { get; private set; } = BlockList.Empty;

    private string Document => $"resource-lists/users/{XcapEscape.Escape(access.User)}/index";

    private string ListNode => $"{Document}/~~/resource-lists/{Step("list", "name", BlockList.Name)}";

    /// <summary>Fetches it; without a document nobody is blocked. Fails with <see cref="XcapException"/>.</summary>
    public async Task<BlockList> FetchAsync()
    {
        var answer = await _connection.SendAsync(HttpMethod.Get, Document);
        if (answer.Status == 404)
        {
            (_tag, _hasDocument) = (null, false);
            return List = BlockList.Empty;
        }

        if (!answer.IsSuccess)
            throw new XcapException(answer.ToString());

        if (!BlockList.TryRead(answer.Content, out var list, out var error))
            throw new XcapException(error);

        (_tag, _hasDocument) = (answer.Tag, true);
        return List = list;
    }

    /// <summary>Blocks that user; false if he is blocked already.</summary>
    public Task<bool> BlockAsync(SipUri user) => ChangeAsync(
        list => !list.IsBlocked(user), () => PutAsync(user.Bare.Text));

    /// <summary>Takes every entry that means that user out of the list; false if there is none.</summary>
    public Task<bool> UnblockAsync(SipUri user) => ChangeAsync(
        list => list.EntriesOf(user).Any(),
        () => _connection.SendAsync(
            HttpMethod.Delete, EntryNode(List.EntriesOf(user).First()), XcapCondition.Unchanged(_tag)));

    public void Dispose()
    {
        _connection.Dispose();
        _turn.Dispose();
    }

    // Reads before each step, for another phone of the user changes the same list; and after it.
    private async Task<bool> ChangeAsync(Func<BlockList, bool> isNeeded, Func<Task<XcapAnswer>> change)
    {
        await _turn.WaitAsync();
        try
        {
            var hasChanged = false;
            for (var step = 0; isNeeded(await FetchAsync()); step++)
            {
                var answer = await change();
                if (!answer.IsSuccess && (answer.Status is not (404 or 412) || step >= MaxSteps))
                    throw new XcapException(answer.ToString());
                if (step >= MaxSteps)
                    throw new XcapException("the XDMS accepts the change and does not make it");

                hasChanged |= answer.IsSuccess;
            }

            return hasChanged;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<XcapAnswer> PutAsync(string uri)
    {
        var entry = $"<entry xmlns=\"{Namespace}\" uri=\"{SecurityElement.Escape(uri)}\"/>";
        var list = $"<list xmlns=\"{Namespace}\" name=\"{BlockList.Name}\">{entry}</list>";
        if (!_hasDocument)
        {
            return await WriteAsync(
                Document, DocumentType, $"<resource-lists xmlns=\"{Namespace}\">{list}</resource-lists>");
        }

        // A list that is not there yet: RFC 4825 8.2.3 says so with 409 or 404.
        var answer = await WriteAsync(EntryNode(uri), ElementType, entry);
        return answer.Status is 404 or 409 ? await WriteAsync(ListNode, ElementType, list) : answer;
    }

    private Task<XcapAnswer> WriteAsync(string path, string type, string content) => _connection.SendAsync(
        HttpMethod.Put, path, _hasDocument ? XcapCondition.Unchanged(_tag) : XcapCondition.IsNew,
        (type, Encoding.UTF8.GetBytes(content)));

    private string EntryNode(string uri) => $"{ListNode}/{Step("entry", "uri", uri)}";

    // The value is written as in an attribute, RFC 4825 6.3, and then as in a URI.
    private static string Step(string element, string attribute, string value) =>
        XcapEscape.Escape($"{element}[@{attribute}=\"{SecurityElement.Escape(value)}\"]");
}
