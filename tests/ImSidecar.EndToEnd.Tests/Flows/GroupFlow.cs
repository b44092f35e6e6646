using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Flows over a pre-defined group of alice's, each with a group of its own.</summary>
public abstract class GroupFlow(DemoProfile profile) : Flow(profile)
{
    protected static readonly string[] AliceBobCarol =
        ["sip:alice@example.com", "sip:bob@example.com", "sip:carol@example.com"];

    /// <summary>The IM Group Identity of this flow.</summary>
    protected string Skiers { get; } = $"sip:skiers-{Guid.NewGuid():N}@groups.example.com";

    protected XcapUser Owner => new(Profile, "sip:alice@example.com");

    /// <summary>The group of alice, bob and carol.</summary>
    protected GroupXml GroupOfThree => new(Skiers, AliceBobCarol);

    protected async Task<Call> JoinAsync(Handset handset, InviteOptions? options = null) =>
        await Within(handset.Invite(Skiers, options).Answered);

    /// <summary>An INVITE to the group that is refused: the code and the Warning.</summary>
    protected async Task<(int Status, string? Warning)> RefusedAsync(Handset handset, InviteOptions? options = null)
    {
        var answer = await Within(handset.Invite(Skiers, options).Final);
        return (answer.Status, WarningOf(answer));
    }
}
