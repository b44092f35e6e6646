using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using ImSidecar.Server.Plane;

namespace ImSidecar.Server.Tests.Plane;

/// <summary>What goes over the control stream comes out as it went in, whatever a leg or an event has.</summary>
public class WireTests
{
    public static TheoryData<MsrpLegEvent> Events =>
    [
        new MsrpLegConnected("s1", "c1"),
        .. Enum.GetValues<MsrpLoss>().Select(loss => new MsrpLegLost("s1", "c1", loss)),
        new MsrpLegNickname("s1", "c1", "t1", "Snow cat"),
        new MsrpLegUnresponsive("s1", "c1"),
        new MsrpMessageSettled("s1", "c1", "m1", 0),
        new MsrpMessageReported("s1", "c1", "m1", 408),
    ];

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_arrives_as_it_was(MsrpLegEvent happened) =>
        Assert.Equal(happened, EventWire.Read(Copy(EventWire.Write(happened), MsrpEvent.Parser)));

    [Fact]
    public void There_is_an_example_of_each_event_but_the_one_with_a_body() =>
        Assert.Equal(
            typeof(MsrpLegEvent).Assembly.GetTypes().Count(type => type.BaseType == typeof(MsrpLegEvent)) - 1,
            Events.Select(row => row.Data.GetType()).Distinct().Count());

    [Fact]
    public void A_message_arrives_with_its_head_and_its_body()
    {
        var arrived = new MsrpMessageArrived("s1", "c1", 7, "m1", "message/cpim", "head"u8.ToArray(), "body"u8.ToArray());

        var read = Assert.IsType<MsrpMessageArrived>(EventWire.Read(Copy(EventWire.Write(arrived), MsrpEvent.Parser)));

        Assert.Equal(("s1", "c1", 7, "m1", "message/cpim"),
            (read.SessionId, read.BridgeId, read.Token, read.MessageId, read.ContentType));
        Assert.Equal("head", Encoding.UTF8.GetString(read.Head.Span));
        Assert.Equal("body", Encoding.UTF8.GetString(read.Body.Span));
    }

    // Each property has another value than a leg that says nothing: one that is forgotten would show.
    [Fact]
    public void A_leg_arrives_with_all_that_it_has()
    {
        var leg = Full();
        var plain = Plain();
        foreach (var property in typeof(MsrpLeg).GetProperties())
            Assert.False(Text(property.GetValue(leg)) == Text(property.GetValue(plain)), property.Name);

        var read = LegWire.Read(Copy(LegWire.Write(leg, 1), OpenMsrpLeg.Parser))!;

        foreach (var property in typeof(MsrpLeg).GetProperties())
            Assert.Equal(Text(property.GetValue(leg)), Text(property.GetValue(read)));
    }

    [Fact]
    public void A_leg_without_anything_arrives_so()
    {
        var read = LegWire.Read(Copy(LegWire.Write(Plain(), 1), OpenMsrpLeg.Parser))!;

        foreach (var property in typeof(MsrpLeg).GetProperties())
            Assert.Equal(Text(property.GetValue(Plain())), Text(property.GetValue(read)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:2855/s1;tcp", "msrp://192.0.2.9:9/b;tcp")]
    [InlineData("msrp://127.0.0.1:2855/another;tcp", "msrp://192.0.2.9:9/b;tcp")]
    [InlineData("msrp://127.0.0.1:2855/s1;tcp", "nonsense")]
    public void A_leg_with_a_malformed_path_is_none(string local, string remote) =>
        Assert.Null(LegWire.Read(new() { SessionId = "s1", LocalUri = local, RemotePath = { remote } }));

    private static T Copy<T>(T message, MessageParser<T> parser)
        where T : IMessage<T> => parser.ParseFrom(message.ToByteArray());

    private static string Text(object? value) => value switch
    {
        ActivityContext trace => $"{trace.TraceId} {trace.SpanId} {trace.TraceFlags}",
        System.Collections.IEnumerable list and not string => string.Join(" ", list.Cast<object>()),
        _ => value?.ToString() ?? "null",
    };

    private static MsrpLeg Plain() => new()
    {
        SessionId = "s",
        BridgeId = "",
        LocalUri = new("127.0.0.1", 2855, "s"),
        Identities = [],
    };

    private static MsrpLeg Full()
    {
        MsrpLeg leg = Plain();
        foreach (var property in typeof(MsrpLeg).GetProperties())
            property.SetValue(leg, Another(property.PropertyType, property.GetValue(leg)));
        return leg with { SessionId = "full", LocalUri = new("127.0.0.2", 2856, "full") };
    }

    private static object? Another(Type type, object? plain) =>
        type == typeof(string) ? plain + "another"
        : type == typeof(bool) ? !(bool)plain!
        : type == typeof(long) || type == typeof(long?) ? ((long?)plain ?? 0) + 17
        : type == typeof(ActivityContext)
            ? new ActivityContext(
                ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded)
        : type == typeof(TimeSpan?) ? TimeSpan.FromSeconds(5)
        : type == typeof(ImmutableArray<string>) ? ImmutableArray.Create("one", "two")
        : type == typeof(ImmutableArray<Protocol.Msrp.MsrpUri>)
            ? ImmutableArray.Create(new Protocol.Msrp.MsrpUri("192.0.2.9", 9, "b"))
        : type == typeof(Protocol.Msrp.MsrpUri) ? new Protocol.Msrp.MsrpUri("192.0.2.8", 8, "a")
        : throw new NotSupportedException($"an example of {type} is needed here");
}
