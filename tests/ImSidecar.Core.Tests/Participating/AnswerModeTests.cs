using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>RFC 5373: a phone answers by itself if its user lets it.</summary>
public class AnswerModeTests
{
    private const string Automatic = "<oxe:allow-auto-answermode>true</oxe:allow-auto-answermode>";
    private const string Override = "<oxe:allow-manual-answer-override>true</oxe:allow-manual-answer-override>";

    private static PassOn Passed(string actions, params (string Name, string Value)[] headers)
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(Rules.Documents.Rule("r", "", actions));
        var invite = headers.Aggregate(Serving.To(), (next, each) => next.With(each.Name, each.Value));
        return Assert.IsType<PassOn>(serving.Answers(invite));
    }

    private static string Invite(string handling) => $"<poc:allow-invite>{handling}</poc:allow-invite>";

    [Fact]
    public void Accepted_and_allowed_it_is_asked_to()
    {
        var passed = Passed(Invite("accept") + Automatic);

        Assert.Equal("Auto", passed.Added.First("Answer-Mode"));
        Assert.Empty(passed.Removed);
    }

    [Theory]
    [InlineData("accept", "")]
    [InlineData("pass", Automatic)]
    [InlineData("pass", "")]
    public void It_is_not_when_one_of_the_two_is_missing(string handling, string more)
    {
        var passed = Passed(
            Invite(handling) + more, ("Answer-Mode", "Auto;require"), ("Priv-Answer-Mode", "Auto"));

        Assert.Equal(["Answer-Mode", "Priv-Answer-Mode"], passed.Removed);
        Assert.Empty(passed.Added);
    }

    [Fact]
    public void Who_may_override_a_manual_answer_may()
    {
        Assert.Empty(Passed(Invite("pass") + Override, ("Priv-Answer-Mode", "Auto")).Removed);
    }

    [Fact]
    public void Who_asks_for_a_ring_gets_one()
    {
        var passed = Passed(Invite("accept") + Automatic, ("Answer-Mode", "Manual"));

        Assert.Empty(passed.Removed);
        Assert.Empty(passed.Added);
        Assert.Empty(Passed(Invite("pass"), ("Answer-Mode", "manual;require")).Removed);
    }

    [Fact]
    public void Only_an_invite_is_answered_at_all()
    {
        var serving = Serving.Registered();
        serving.AccessRules = Serving.RulesOf(Rules.Documents.Rule("r", "", Invite("accept") + Automatic));

        Assert.Empty(Assert.IsType<PassOn>(serving.Answers(Serving.To("MESSAGE"))).Added);
    }
}
