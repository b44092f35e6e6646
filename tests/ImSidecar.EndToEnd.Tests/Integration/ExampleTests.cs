using System.Net;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Integration;

/// <summary>README, "Into an existing kamailio.cfg": what integrators start from, with a chat through it.</summary>
[Collection(ExampleUsers.Name)]
public sealed class ExampleTests : IAsyncDisposable
{
    private static readonly InviteOptions _browserInvites = new() { Msrp = Browser };
    private static readonly HandsetOptions _browser = new() { User = "", Proxy = new(IPAddress.Loopback, 5066) };
    private readonly Handsets _handsets = new();

    private static MsrpOptions Browser => new() { WebSocket = new("ws://127.0.0.1:8080/msrp") };

    [Fact]
    public async Task Debians_own_configuration_with_the_steps_of_the_README_carries_a_group_chat()
    {
        await using var profile = await Start(Example.Profile(await StockConfiguration.PatchedAsync()));
        var alice = await _handsets.RegisterAsync("alice");
        var bob = await _handsets.RegisterAsync("bob", SipProtocol.Tcp);
        var carol = await _handsets.RegisterAsync("carol");

        var group = await Group.StartAsync(alice, [bob, carol]);
        await Say(alice, group[alice], group[bob]);
        var call = await Direct(alice, bob);
        await Within(call.ByeAsync());
        var kept = await Within(alice.MessageAsync("sip:dave@example.com", "for later"));

        Assert.Equal(202, kept.Status);
        await End(group[alice], group[bob], group[carol]);
        await _handsets.EndAsync(hasFailed: false);
    }

    [Fact]
    public async Task A_Kamailio_with_a_registrar_of_its_own_carries_a_group_chat()
    {
        await using var profile = await Start(Example.Profile(Example.Read("example-kamailio.cfg")));
        var alice = await _handsets.RegisterAsync("alice");
        var bob = await _handsets.RegisterAsync("bob", SipProtocol.Tcp);
        var carol = await _handsets.RegisterAsync("carol");

        var group = await Group.StartAsync(alice, [bob, carol]);
        await Say(alice, group[alice], group[bob]);

        await End(group[alice], group[bob], group[carol]);
        await _handsets.EndAsync(hasFailed: false);
    }

    [Fact]
    public async Task Browsers_and_a_phone_chat_through_the_WebSocket_edge()
    {
        // What Wireshark makes of SIP inside of WebSocket is not our affair.
        await using var profile = await Start(
            Example.Profile(Example.Read("example-websocket-edge.cfg"), captures: false));
        var alice = await _handsets.RegisterAsync("alice", SipProtocol.Ws, _browser);
        var bob = await _handsets.RegisterAsync("bob", SipProtocol.Ws, _browser);
        var carol = await _handsets.RegisterAsync("carol");

        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord], _browserInvites);
        var bobCall = await Within((await Next(bob.IncomingCalls)).AcceptAsync(new() { Msrp = Browser }));
        var aliceCall = await Within(starting.Answered);
        var carolCall = await Within((await Next(carol.IncomingCalls)).AcceptAsync());
        await Within(Task.WhenAll(aliceCall.Msrp!.Connected, bobCall!.Msrp!.Connected, carolCall!.Msrp!.Connected));
        await Say(alice, aliceCall, bobCall);
        await Say(carol, carolCall, aliceCall);

        // Two leave, and the session is over: the BYE for the last one comes over her WebSocket.
        await Within(carolCall.ByeAsync());
        await Within(bobCall.ByeAsync());
        await Within(aliceCall.Ended);
        var call = await Direct(carol, bob, new() { Msrp = Browser });
        await Within(call.ByeAsync());
        await _handsets.EndAsync(hasFailed: false);
    }

    [Fact]
    public async Task A_page_from_elsewhere_is_not_let_in_by_the_WebSocket_edge()
    {
        await using var profile = await Start(
            Example.Profile(Example.Read("example-websocket-edge.cfg"), captures: false));
        using var http = new HttpClient();

        Assert.Equal(HttpStatusCode.Forbidden, await Ask(http, "https://example.com.evil.example"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await Ask(http, "https://chat.example.com"));
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            _handsets.Print();
        await _handsets.DisposeAsync();
    }

    private static async Task<DemoProfile> Start(ProfileOptions options)
    {
        var profile = new DemoProfile(options);
        try
        {
            await profile.InitializeAsync();
            return profile;
        }
        catch
        {
            await profile.DisposeAsync();
            throw;
        }
    }

    private static async Task Say(Handset speaker, Call from, Call to)
    {
        var sent = await Within(from.Msrp!.SendTextAsync(speaker.AddressOfRecord, from.SessionIdentity, "Fresh snow."));
        Assert.Equal(200, sent.Status);
        Assert.Equal(speaker.AddressOfRecord, (await Next(to.Msrp!.Messages)).Cpim!.From!.Uri);
    }

    /// <summary>One calls the other; ImSidecar only lets it pass.</summary>
    private static async Task<Call> Direct(Handset caller, Handset called, AcceptOptions? options = null)
    {
        var starting = caller.Invite(called.AddressOfRecord);
        await Within((await Next(called.IncomingCalls)).AcceptAsync(options ?? new()));
        return await Within(starting.Answered);
    }

    private static async Task End(params Call[] calls)
    {
        foreach (var call in calls.SkipLast(1))
            await Within(call.ByeAsync());
        await Within(calls[^1].Ended);
    }

    private static async Task<HttpStatusCode> Ask(HttpClient http, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:5066/");
        foreach (var (name, value) in new[]
        {
            ("Origin", origin), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "sip"),
        })
            request.Headers.Add(name, value);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}

/// <summary>Each test starts its own Kamailio and sidecar on the ports of the demo.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExampleUsers
{
    public const string Name = "examples";
}
