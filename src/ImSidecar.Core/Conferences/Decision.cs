using System.Collections.Immutable;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// What a procedure decided: the next conference (null: there is none any more) and the effects in order.
/// </summary>
public sealed record Decision(Conference? Conference, ImmutableArray<Effect> Effects)
{
    public static Decision Of(Conference? conference, params ReadOnlySpan<Effect> effects) =>
        new(conference, [.. effects]);

    /// <summary>Goes on with another procedure; its effects follow ours.</summary>
    public Decision Then(Func<Conference, Decision> next)
    {
        if (Conference is null)
            return this;

        var decision = next(Conference);
        return decision with { Effects = Effects.AddRange(decision.Effects) };
    }

    public Decision And(params ReadOnlySpan<Effect> effects) => this with { Effects = [.. Effects, .. effects] };

    /// <summary>The only effect of that kind.</summary>
    public T Single<T>() where T : Effect => Effects.OfType<T>().Single();
}
