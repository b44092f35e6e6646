using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Admin;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl deferred, from the command line through the socket to the message store.</summary>
public sealed class DeferredAdminTests : IAsyncLifetime
{
    private const string Bob = "sip:bob@example.com";

    private AdminHost? _host;

    private AdminHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await AdminHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private async Task KeepAsync(string key, bool isAnonymous = false, string subject = "")
    {
        _ = SipUri.TryParse(Bob, out var bob);
        _ = SipUri.TryParse("sip:alice@example.com", out var alice);
        await Host.Node.Messages.AddAsync(
            new()
            {
                User = Bob,
                Key = key,
                Recipient = bob,
                Sender = alice,
                IsAnonymous = isAnonymous,
                Subject = subject,
                ReceivedAt = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero),
                ExpiresAt = new(2086, 12, 20, 9, 30, 0, TimeSpan.Zero),
                Notices = new("id", "", true, true),
                Content = new(new byte[100], default),
            },
            DeferralQuota.None, CancellationToken.None);
    }

    [Fact]
    public async Task What_is_kept_is_listed_without_its_text()
    {
        await KeepAsync("one", subject: "Snow");
        await KeepAsync("two", isAnonymous: true);

        Assert.Equal(
            (0,
                "messages: 2\nbytes: 200\n"
                + "1: sip:alice@example.com, message, 100 bytes, received 2026-11-20T09:30:00Z, "
                + "expires 2086-12-20T09:30:00Z, \"Snow\"\n"
                + "2: anonymous, message, 100 bytes, received 2026-11-20T09:30:00Z, expires 2086-12-20T09:30:00Z\n", ""),
            await Host.ControlAsync("deferred", "--user", Bob));
        Assert.Equal((0, "messages: 2\nbytes: 200\n", ""), await Host.ControlAsync("deferred"));
    }

    [Fact]
    public async Task What_is_deleted_is_told_to_its_sender()
    {
        await KeepAsync("one");
        await KeepAsync("two");
        await KeepAsync("three");

        var one = await Host.ControlAsync("deferred", "--user", Bob, "--delete", "2", "17");
        var all = await Host.ControlAsync("deferred", "--user", Bob, "--purge");

        Assert.StartsWith("deleted: 1\nmessages: 2\n", one.Output, StringComparison.Ordinal);
        Assert.Equal((0, "deleted: 2\nmessages: 0\nbytes: 0\n", ""), all);
        Assert.Equal(3, (await Host.Node.Messages.NoticesAsync(10, CancellationToken.None)).Length);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_named()
    {
        Host.Node.Messages.Fails = true;

        Assert.Equal(
            (3, "", "imsidecarctl: The message store does not answer\n"),
            await Host.ControlAsync("deferred", "--user", Bob));
    }

    [Fact]
    public async Task Who_has_something_is_listed_and_named_as_he_can_be_asked_for()
    {
        await KeepAsync("one");
        await KeepAsync("two");

        var users = await Host.ControlAsync("deferred", "users");

        Assert.Equal(
            (0, $"messages: 2\nbytes: 200\nUSER                 MESSAGES  BYTES\n{Bob}  2         200\n", ""), users);
        var ofBob = await Host.ControlAsync("deferred", "--user", Bob);
        Assert.StartsWith("messages: 2\n", ofBob.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_of_a_user_is_pushed_or_deleted_by_a_word()
    {
        await KeepAsync("one");

        var replay = await Host.ControlAsync("deferred", "replay", "--user", Bob);
        var purge = await Host.ControlAsync("deferred", "purge", "--user", Bob);
        var none = await Host.ControlAsync("deferred", "replay", "--user", Bob);
        var stranger = await Host.ControlAsync("deferred", "purge", "--user", "sip:x@example.net");

        Assert.Equal((0, "1 kept, 100 bytes: he gets them if he is there.\n", ""), replay);
        Assert.Equal((0, "deleted: 1\n", ""), purge);
        Assert.Equal((0, "Nothing is kept for him.\n", ""), none);
        Assert.Equal(
            (4, "", "imsidecarctl: sip:x@example.net is in none of Participating:Domains\n"), stranger);
    }

    [Fact]
    public async Task A_large_mailbox_is_emptied_in_pieces_and_all_of_it_is_counted()
    {
        for (var number = 0; number < 450; number++)
            await KeepAsync($"{number}");

        var one = await Host.Get<DeferredAdmin>().OfUserAsync(
            new() { User = Bob, DeleteAll = true }, TestContext.Current.CancellationToken);
        var rest = await Host.ControlAsync("deferred", "purge", "--user", Bob);

        Assert.Equal((200, 250), (one.Deleted, one.Messages));
        Assert.Equal((0, "deleted: 250\n", ""), rest);
    }

    [Fact]
    public async Task What_changes_something_names_a_user()
    {
        var (code, _, error) = await Host.ControlAsync("deferred", "--purge");

        Assert.Equal((2, "imsidecarctl: --delete, --purge and --push need a --user\n"), (code, error));
    }
}
