using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>SIGTERM while messages come in: what was accepted is not lost, what was refused reaches nobody.</summary>
public class StopUnderLoadTests(DemoProfile profile) : PageModeFlow(profile)
{
    private const int Messages = 60;
    private const int BeforeStop = 15;
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task What_was_accepted_reaches_everybody_once_and_what_was_refused_nobody()
    {
        var (alice, bob, carol) = await RegisterThree();
        var sending = Enumerable.Range(0, Messages).Select(async number =>
        {
            await Task.Delay(number * _pace, TestContext.Current.CancellationToken);
            return (Text: $"m{number}", Answer: await SendAsync(alice, $"m{number}", List(bob, carol)));
        }).ToList();
        await Task.WhenAll(sending.Take(BeforeStop));

        Assert.Equal(0, await Profile.StopSidecarAsync());
        await Profile.StartSidecarAsync();

        var answers = await Task.WhenAll(sending);
        Assert.All(answers, each => Assert.Contains(each.Answer.Status, (int[])[202, 503]));
        string[] accepted = [.. answers.Where(each => each.Answer.Status == 202).Select(each => each.Text).Order()];
        Assert.InRange(accepted.Length, 1, Messages);
        foreach (var handset in (Handset[])[bob, carol])
        {
            List<string> read = [];
            while (read.Count < accepted.Length)
                read.Add((await ReadAsync(handset)).Text);
            Assert.Equal(accepted, read.Order());
            await AssertReadsNothingAsync(handset, alice);
        }
    }
}
