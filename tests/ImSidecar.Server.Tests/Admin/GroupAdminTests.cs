extern alias ctl;

using System.Text.Json;
using ctl::ImSidecar.Cli;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Server.Tests.Xdm;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl groups, from the command line to the documents of the embedded XDMS.</summary>
public sealed class GroupAdminTests : IAsyncLifetime
{
    private const string Ski = XcapHost.Ski;

    private readonly string _file = Path.GetTempFileName();
    private AdminHost? _host;
    private XcapHost? _xdms;

    private XcapHost Xdms => _xdms!;

    public async ValueTask InitializeAsync()
    {
        _xdms = await XcapHost.StartAsync();
        _host = await AdminHost.StartAsync(xdms: _xdms);
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.DisposeAsync();
        await Xdms.DisposeAsync();
        File.Delete(_file);
    }

    [Fact]
    public async Task What_is_put_is_there_for_xcap_and_what_xcap_puts_is_listed_and_printed()
    {
        var text = Group();
        var (code, output, error) = await PutAsync(text, "--owner", XcapHost.Alice);
        Assert.Equal((0, ""), (code, error));
        var etag = (await Xdms.GetAsync(XcapHost.SkiPath)).ETag;
        Assert.Equal($"Created: {Ski} of {XcapHost.Alice}, ETag {etag}\n", output);

        await Xdms.PutGroupAsync(Group(" "));
        var list = await RunAsync("list", "--owner", XcapHost.Alice);
        var printed = await RunAsync("get", Ski);

        Assert.Matches(
            @"^GROUP +OWNER +DOCUMENT +BYTES +MODIFIED +ETAG\n"
            + $@"{Ski}  {XcapHost.Alice}  ski +\d+ +\S+Z  [0-9a-f]+\n$",
            list.Output);
        Assert.Equal((0, Group(" "), ""), printed);
        Assert.Equal((0, "No groups.\n", ""), await RunAsync("list", "--owner", XcapHost.Bob));
        Assert.Equal((0, "No groups.\n", ""), await RunAsync("list", "--after", Ski));
    }

    [Fact]
    public async Task A_document_that_has_changed_meanwhile_is_not_overwritten()
    {
        await PutAsync(Group(), "--owner", XcapHost.Alice);
        var etag = (await Xdms.GetAsync(XcapHost.SkiPath)).ETag!;
        Assert.StartsWith("Written", (await PutAsync(Group(" "), "--if-match", etag)).Output, StringComparison.Ordinal);

        var late = await PutAsync(Group("  "), "--if-match", etag);
        var deleted = await RunAsync("delete", Ski, "--if-match", etag);
        var again = await PutAsync(Group("  "), "--only-new");

        const string sentence = "imsidecarctl: The document is another one by now: its ETag does not match\n";
        Assert.Equal((1, "", sentence), late);
        Assert.Equal((1, "", sentence), deleted);
        Assert.Equal((1, "", sentence), again);
        Assert.Equal(Group(" "), (await Xdms.GetAsync(XcapHost.SkiPath)).Body);
    }

    [Fact]
    public async Task What_xcap_would_refuse_is_refused_in_a_sentence()
    {
        var malformed = await PutAsync("<group", "--owner", XcapHost.Alice);
        var elsewhere = await PutAsync(
            Group().Replace("@groups.example.com", "@elsewhere.example.com", StringComparison.Ordinal),
            "sip:ski@elsewhere.example.com", "--owner", XcapHost.Alice);
        var nobodys = await PutAsync(Group());
        var other = await RunAsync("put", "sip:other@groups.example.com", _file, "--owner", XcapHost.Alice);

        Assert.Equal(1, malformed.Code);
        Assert.Equal(1, elsewhere.Code);
        Assert.StartsWith("imsidecarctl: Groups are in the domain ", elsewhere.Error, StringComparison.Ordinal);
        Assert.Equal((2, "", "imsidecarctl: A new group needs an owner\n"), nobodys);
        Assert.Equal((2, "", "imsidecarctl: The document holds no group sip:other@groups.example.com\n"), other);
        Assert.Equal(404, (await Xdms.GetAsync(XcapHost.SkiPath)).Code);
    }

    [Fact]
    public async Task A_group_stays_with_its_owner()
    {
        await PutAsync(Group(), "--owner", XcapHost.Alice);

        var answer = await PutAsync(Group(" "), "--owner", XcapHost.Bob);

        Assert.Equal(
            (1, "", $"imsidecarctl: The group is in the document ski of {XcapHost.Alice}: delete it there first\n"),
            answer);
    }

    [Fact]
    public async Task A_deleted_group_is_gone_and_what_is_not_there_has_a_code_of_its_own()
    {
        await PutAsync(Group(), "--owner", XcapHost.Alice);

        var deleted = await RunAsync("delete", Ski, "--json");
        using var json = JsonDocument.Parse(deleted.Output);

        Assert.Equal(Ski, json.RootElement.GetProperty("entry").GetProperty("group").GetString());
        var unknown = (ExitCode.NotFound, "", $"imsidecarctl: There is no group {Ski}\n");
        Assert.Equal(unknown, await RunAsync("delete", Ski));
        Assert.Equal(unknown, await RunAsync("get", Ski));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named()
    {
        var (code, _, error) = await RunAsync("put", Ski, "/nowhere/ski.xml", "--owner", XcapHost.Alice);

        Assert.Equal(2, code);
        Assert.Contains("/nowhere/ski.xml", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_xdms_is_a_remote_one_it_is_said_so()
    {
        await using var remote = await AdminHost.StartAsync();

        var (code, _, error) = await remote.ControlAsync("groups", "list");

        Assert.Equal(1, code);
        Assert.Equal(
            "imsidecarctl: The groups are in a remote XDMS, for Xdm:Mode is Remote: "
            + "list and change them there, by XCAP\n",
            error);
    }

    private static string Group(string more = "") => new GroupXml(Ski, XcapHost.Alice).ToString() + more;

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        _host!.ControlAsync(["groups", .. arguments]);

    private async Task<(int Code, string Output, string Error)> PutAsync(string text, params string[] options)
    {
        await File.WriteAllTextAsync(_file, text, TestContext.Current.CancellationToken);
        return options is [var group, ..] && group.StartsWith("sip:", StringComparison.Ordinal)
            ? await RunAsync(["put", group, _file, .. options[1..]])
            : await RunAsync(["put", Ski, _file, .. options]);
    }
}
