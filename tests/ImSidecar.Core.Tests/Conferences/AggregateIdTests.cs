using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>A name tells its kind, in keys and Contacts of any age.</summary>
public class AggregateIdTests
{
    [Theory]
    [InlineData(AggregateKind.Conference)]
    [InlineData(AggregateKind.DocumentSubscription)]
    [InlineData(AggregateKind.DocumentWatch)]
    [InlineData(AggregateKind.ServedUser)]
    [InlineData(AggregateKind.PageMessage)]
    public void A_name_tells_its_kind_again(AggregateKind kind) =>
        Assert.Equal(kind, AggregateId.Of(kind, "abcdefghijklmnopqrstuvwxyz").Kind);

    [Fact]
    public void A_conference_has_the_bare_name_as_ever() =>
        Assert.Equal("room1", AggregateId.Of(AggregateKind.Conference, "room1").Value);

    [Fact]
    public void A_key_of_a_request_names_its_aggregate_whatever_the_kind()
    {
        var key = new ActionKey(AggregateId.Of(AggregateKind.DocumentSubscription, "abc"), "s", "NOTIFY", 3);

        Assert.True(ActionKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
        Assert.Equal(AggregateKind.DocumentSubscription, read.Aggregate.Kind);
    }
}
