using ImSidecar.Client.Commands;

namespace ImSidecar.Client.Demo;

/// <summary>imclient demo: capture, handsets, scene, report. Kamailio and the sidecar run already.</summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(CommandLine options, TextWriter output)
    {
        var profile = DemoProfile.Read(options);
        try
        {
            return await RunAsync(profile, output);
        }
        catch (SceneFailure failure)
        {
            await Console.Error.WriteLineAsync($"imclient: {failure.Message}");
            return 1;
        }
    }

    private static async Task<int> RunAsync(DemoProfile profile, TextWriter output)
    {
        var handsets = new List<HandsetProcess>();
        try
        {
            foreach (var (user, transport) in Stage.Handsets)
                handsets.Add(await HandsetProcess.StartAsync(user, transport, profile));

            await using var capture = await Capture.StartAsync(profile, handsets.Select(each => each.SipPort));
            var cast = new Cast(profile, handsets);
            var stage = new Stage(profile, handsets, cast);
            output.WriteLine(
                $"Six handsets, one Kamailio ({profile.Proxy}), one sidecar. Playing {stage.Scenes} scenes ...");
            await stage.PlayAsync();
            Report.ShowProgress("");
            var messages = await capture.DecodeAsync();
            stage.Judge(messages);
            Report.Print(output, stage.Steps, messages, cast);
            Report.PrintSummary(output, stage.Steps, stage.Planned, messages.Count);
            return stage.Steps.Count == stage.Planned && stage.Steps.All(step => step.IsOk) ? 0 : 1;
        }
        finally
        {
            foreach (var handset in handsets)
                await handset.DisposeAsync();
        }
    }
}
