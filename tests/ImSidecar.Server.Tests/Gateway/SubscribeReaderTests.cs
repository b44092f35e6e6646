using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Tests.Xdm.Diff;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>The list of documents in a SUBSCRIBE, RFC 5875 4.2.</summary>
public sealed class SubscribeReaderTests
{
    private const string Head = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>";
    private const string Tail = "</list></resource-lists>";

    [Fact]
    public void The_documents_it_names_are_read()
    {
        var (request, _) = Read("xcap-diff;diff-processing=aggregate;id=4", Head
            + "<entry uri=\"resource-lists/users/sip:joe@example.com/index\"/>"
            + "<entry uri=\"rls-services/users/sip:joe@example.com/\"/>" + Tail);

        var subscribe = Assert.IsType<SubscribeRequest>(request);
        Assert.Equal(("xcap-diff", "4", "aggregate"), (subscribe.Event, subscribe.EventId, subscribe.DiffProcessing));
        Assert.Equal(
            [
                new("resource-lists", "sip:joe@example.com", "index"),
                new DocumentTarget("rls-services", "sip:joe@example.com", ""),
            ],
            subscribe.Targets);
    }

    [Fact]
    public void Without_a_body_it_names_none() =>
        Assert.Empty(Assert.IsType<SubscribeRequest>(Read("xcap-diff", "").Request).Targets);

    [Fact]
    public void The_body_of_another_package_is_not_looked_at() =>
        Assert.IsType<SubscribeRequest>(Read("conference", "what is this").Request);

    [Theory]
    [InlineData("conference;max-rate=0.1;min-rate=0.01", 10, 100)]
    [InlineData("conference;MIN-RATE=0.5", null, 2)]
    [InlineData("conference;max-rate=0;min-rate=soon", null, null)]
    [InlineData("conference;max-rate", null, null)]
    public void The_rates_it_asks_for_are_read_and_what_is_none_is_passed_over(string package, int? least, int? most)
    {
        var subscribe = Assert.IsType<SubscribeRequest>(Read(package, "").Request);

        Assert.Equal(
            (least, most),
            ((int?)subscribe.MaxRate?.Interval.TotalSeconds, (int?)subscribe.MinRate?.Interval.TotalSeconds));
    }

    [Theory]
    [InlineData("conference;id=\"a;max-rate=1\"")]
    [InlineData("conference;id=")]
    [InlineData("conference;id=a b")]
    public void An_id_that_is_no_token_gets_400(string package) =>
        Assert.Equal("Event id is malformed", Read(package, "").Refusal!.Warning);

    [Theory]
    [InlineData("no list", "The list of documents is malformed or too large")]
    [InlineData(Head + "<entry uri=\"sip:joe@example.com\"/>" + Tail, "The list names what is no XCAP document")]
    public void What_is_no_list_of_documents_gets_400(string body, string warning)
    {
        var refusal = Read("xcap-diff", body).Refusal!;

        Assert.Equal((SipStatus.BadRequest, warning), (refusal.Status, refusal.Warning));
    }

    [Fact]
    public void Too_many_documents_get_400()
    {
        var entries = Enumerable.Range(0, DocumentTarget.MaxTargets + 1)
            .Select(i => $"<entry uri=\"resource-lists/users/sip:joe@example.com/{i}\"/>");

        Assert.Equal(
            "Too many documents in the list", Read("xcap-diff", Head + string.Concat(entries) + Tail).Refusal!.Warning);
    }

    [Fact]
    public void Another_type_gets_415()
    {
        var request = DocumentSubscriptionTests.Subscribe("xcap-diff", "text");
        request.Headers.Single(each => each.Name == "Content-Type").Value =
            Google.Protobuf.ByteString.CopyFromUtf8("text/plain");

        var refusal = SipEventReader.Read(request).Refusal!;

        Assert.Equal(SipStatus.UnsupportedMediaType, refusal.Status);
        Assert.Equal("application/resource-lists+xml", refusal.Headers.First("Accept"));
    }

    private static (ImRequest? Request, Core.Conferences.Respond? Refusal) Read(string package, string body) =>
        SipEventReader.Read(DocumentSubscriptionTests.Subscribe(package, body));
}
