using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Access rules and block lists, compiled and kept until one of their documents changes.</summary>
public sealed class AccessRulesTests : IDisposable
{
    private const string Root = "http://127.0.0.1:8080/xcap-root/";

    private static readonly SipUri _bob = Uri("sip:bob@example.com");
    private static readonly SipUri _carol = Uri("sip:carol@example.net");
    private static readonly DocumentSelector _index = new(ApplicationUsage.ResourceLists, _bob.AddressKey, "index");
    private static readonly DocumentSelector _more = new(ApplicationUsage.ResourceLists, _bob.AddressKey, "more");
    private static readonly DocumentSelector _rules = new(
        ApplicationUsage.AccessRules, _bob.AddressKey, "access-rules");

    private readonly ScriptedDocuments _documents = new();
    private readonly AccessRules _accessRules;

    public AccessRulesTests() => _accessRules = new(
        _documents, new() { MaxUsers = 3, Roots = [Root] }, NullLogger<AccessRules>.Instance);

    public void Dispose() => _accessRules.Dispose();

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);

    private static string Lists(string entries, string name = ResolvedUser.BlockList) =>
        $"<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'><list name='{name}'>{entries}</list></resource-lists>";

    private async Task<bool> BlocksAsync(SipUri caller) =>
        !UserRules.DecideContact((await _accessRules.OfAsync(_bob)).User!, new(caller)).Allowed;

    [Fact]
    public async Task A_user_is_read_once_however_often_he_is_called()
    {
        _documents.Put(_index, Lists(string.Concat(
            Enumerable.Range(0, 10_000).Select(i => $"<entry uri='sip:u{i}@example.net'/>"))));

        Assert.True(await BlocksAsync(Uri("sip:u9999@example.net")));
        var reads = _documents.Reads;
        var first = (await _accessRules.OfAsync(_bob)).User;
        Assert.False(await BlocksAsync(_carol));

        Assert.Equal(reads, _documents.Reads);
        Assert.Same(first, (await _accessRules.OfAsync(Uri("sip:bob@EXAMPLE.com;x=y"))).User);
    }

    [Fact]
    public async Task A_list_that_the_block_list_refers_to_changes_it()
    {
        const string anchor =
            Root + "resource-lists/users/sip:bob@example.com/more/~~/resource-lists/list%5b@name=%22rcs%22%5d";
        _documents.Put(_index, Lists($"<external anchor='{anchor}'/>"));
        Assert.False(await BlocksAsync(_carol));

        _documents.Put(_more, Lists($"<entry uri='{_carol}'/>", "rcs"));
        Assert.True(await BlocksAsync(_carol));

        _documents.Delete(_more);
        Assert.False(await BlocksAsync(_carol));
    }

    [Fact]
    public async Task What_could_not_be_read_is_asked_for_again()
    {
        _documents.IsAway = true;
        Assert.Equal((null, "Rules of the user are not available"), await _accessRules.OfAsync(_bob));

        _documents.IsAway = false;

        Assert.NotNull((await _accessRules.OfAsync(_bob)).User);
    }

    [Fact]
    public async Task Rules_that_say_nothing_sensible_are_not_taken_for_none()
    {
        _documents.Put(_rules, "<nonsense/>");
        Assert.Equal((null, "Rules of the user cannot be used"), await _accessRules.OfAsync(_bob));

        _documents.Delete(_rules);

        Assert.NotNull((await _accessRules.OfAsync(_bob)).User);
    }

    [Fact]
    public async Task The_oldest_of_too_many_is_read_anew()
    {
        await _accessRules.OfAsync(_bob);
        for (var i = 0; i < 3; i++)
            await _accessRules.OfAsync(Uri($"sip:u{i}@example.com"));
        var reads = _documents.Reads;

        await _accessRules.OfAsync(_bob);

        Assert.True(_documents.Reads > reads);
    }
}
