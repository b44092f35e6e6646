using System.Collections.Immutable;

namespace ImSidecar.Msrp.Switch;

/// <summary>Legs that hear each other. The table changes it; readers take what they find.</summary>
internal sealed class Bridge(string id)
{
    private volatile LegList _legs = new([]);

    public string Id => id;

    public ImmutableArray<SwitchLeg> Legs => _legs.Items;

    public void Add(SwitchLeg leg) => _legs = new(Legs.Add(leg));

    public void Remove(SwitchLeg leg) => _legs = new(Legs.Remove(leg));

    // A class around the array, so that it can be exchanged in one step.
    private sealed record LegList(ImmutableArray<SwitchLeg> Items);
}
