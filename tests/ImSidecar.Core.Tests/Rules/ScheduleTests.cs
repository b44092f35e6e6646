using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Rules;

/// <summary>The schedule of session-active-policy.</summary>
public class ScheduleTests
{
    private static DateTimeOffset At(double hours) => start.AddHours(hours);

    private static TimeRange Range(double? from, double? until) =>
        new(from is { } a ? At(a) : null, until is { } b ? At(b) : null);

    [Fact]
    public void Without_ranges_there_is_no_schedule() => Assert.Null(Schedule.Of([]));

    [Theory]
    [InlineData(0, false, null)]
    [InlineData(1, true, 3.0)]
    [InlineData(2.5, true, 3.0)]
    [InlineData(3, false, null)]
    [InlineData(5, true, 6.0)]
    [InlineData(9, true, null)]
    public void Ranges_that_meet_are_one(double now, bool isOpen, double? until)
    {
        var schedule = Schedule.Of([Range(8, null), Range(2, 3), Range(1, 2), Range(5, 6), Range(7, 7)])!;

        Assert.Equal(isOpen, schedule.IsOpen(At(now), out var end));
        Assert.Equal(until is { } hours ? At(hours) : null, end);
    }

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(1, 5.0)]
    [InlineData(3, 5.0)]
    [InlineData(6, null)]
    public void It_tells_when_it_opens(double now, double? opens)
    {
        var schedule = Schedule.Of([Range(1, 3), Range(5, 6)])!;

        Assert.Equal(opens is { } hours ? At(hours) : null, schedule.OpensAt(At(now)));
    }

    [Fact]
    public void A_range_without_beginning_has_always_been_open() =>
        Assert.True(Schedule.Of([Range(null, 1)])!.IsOpen(start, out _));

    [Fact]
    public void Ranges_that_are_empty_open_nothing() => Assert.False(Schedule.Of([Range(2, 1)])!.IsOpen(At(1), out _));
}
