using System.Collections.Immutable;

namespace ImSidecar.Core.Conferences;

/// <summary>What the rules of an aggregate decided: its next state (null: it is over), the effects in order.</summary>
public sealed record Outcome<T>(T? Next, ImmutableArray<Effect> Effects)
    where T : Aggregate
{
    /// <summary>Goes on with another procedure; its effects follow ours.</summary>
    public Outcome<T> Then(Func<T, Outcome<T>> next)
    {
        if (Next is null)
            return this;

        var outcome = next(Next);
        return outcome with { Effects = Effects.AddRange(outcome.Effects) };
    }

    /// <summary>With an effect that stands before all others.</summary>
    public Outcome<T> Before(Effect effect) => this with { Effects = Effects.Insert(0, effect) };

    /// <summary>The only effect of that kind.</summary>
    public TEffect Single<TEffect>() where TEffect : Effect => Effects.OfType<TEffect>().Single();
}

internal static class Outcome
{
    public static Outcome<T> Of<T>(T? next, params ReadOnlySpan<Effect> effects) where T : Aggregate =>
        new(next, [.. effects]);
}
