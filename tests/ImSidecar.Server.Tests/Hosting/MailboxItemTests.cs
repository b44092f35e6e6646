using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What waits already is not put beside itself.</summary>
public class MailboxItemTests
{
    [Fact]
    public void The_same_again_is_the_same_whoever_traces_it()
    {
        using var one = new Activity("one");
        using var other = new Activity("other");
        MailboxItem first = new Happened(new RequestTransactionEnded("t1", 503), null) { Continues = one };
        MailboxItem again = new Happened(new RequestTransactionEnded("t1", 503), null) { Continues = other };

        Assert.Equal(first, again);
        Assert.Equal(first.GetHashCode(), again.GetHashCode());
        Assert.Equal(0, new List<MailboxItem> { first }.IndexOf(again));
        Assert.NotEqual(first, new Happened(new RequestTransactionEnded("t2", 503), null));
        Assert.NotEqual<MailboxItem>(new PerformPending(), new CaughtUp());
    }
}
