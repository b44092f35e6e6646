using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>Which events of a link are saved.</summary>
public class EventLedgerTests
{
    [Fact]
    public void Confirmed_is_the_number_below_which_nothing_is_missing()
    {
        var ledger = new EventLedger();
        foreach (var number in (ulong[])[1, 2, 3])
            Assert.True(ledger.TryBegin(number));

        Assert.False(ledger.Saved(2));
        Assert.Equal(0ul, ledger.Confirmed);

        Assert.True(ledger.Saved(1));
        Assert.Equal(2ul, ledger.Confirmed);

        ledger.Saved(3);
        Assert.Equal(3ul, ledger.Confirmed);
    }

    [Fact]
    public void An_event_that_comes_again_is_not_begun_again()
    {
        var ledger = new EventLedger();
        ledger.TryBegin(1);
        ledger.TryBegin(2);
        ledger.Saved(2);

        Assert.False(ledger.TryBegin(1));
        Assert.False(ledger.TryBegin(2));
    }

    [Fact]
    public void A_new_process_starts_where_the_link_still_is()
    {
        var ledger = new EventLedger();

        Assert.True(ledger.TryBegin(5000));
        ledger.Saved(5000);

        Assert.Equal(5000ul, ledger.Confirmed);
        Assert.False(ledger.TryBegin(4999));
    }
}
