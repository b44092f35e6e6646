namespace ImSidecar.Core.Conferences;

/// <summary>
/// Parts by their numbers, immutable: a tree of nodes of 32. A change copies the nodes above the part, and two versions
/// are compared without a look at what they share, so a save of few changes among ten thousand costs those few.
/// </summary>
internal sealed class NumberedTree<T>
    where T : class
{
    public static readonly NumberedTree<T> Empty = new(null, 0, 0);

    private const int Bits = 5;
    private const int Width = 1 << Bits;

    private readonly object?[]? _root;
    private readonly int _shift;

    private NumberedTree(object?[]? root, int shift, int count) => (_root, _shift, Count) = (root, shift, count);

    public int Count { get; }

    /// <summary>In the order of their numbers.</summary>
    public IEnumerable<T> Values => In(_root, _shift);

    public T? Find(int number)
    {
        if (number < 0 || number >> _shift >= Width)
            return null;

        var node = _root;
        for (var shift = _shift; shift > 0 && node is not null; shift -= Bits)
            node = (object?[]?)node[PlaceOf(number, shift)];
        return (T?)node?[PlaceOf(number, 0)];
    }

    public NumberedTree<T> Set(int number, T part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var shift = _shift;
        while (number >> shift >= Width)
            shift += Bits;
        return new(With(Lifted(shift), shift, number, part), shift, Count + (Find(number) is null ? 1 : 0));
    }

    public NumberedTree<T> Remove(int number) =>
        Find(number) is null ? this : new(With(_root, _shift, number, null), _shift, Count - 1);

    /// <summary>Tells of each part that is not the same object in both: what it was and what it is.</summary>
    public static void Compare(NumberedTree<T> before, NumberedTree<T> after, Action<T?, T?> differs)
    {
        var shift = Math.Max(before._shift, after._shift);
        Compare(before.Lifted(shift), after.Lifted(shift), shift, differs);
    }

    private static int PlaceOf(int number, int shift) => (number >> shift) & (Width - 1);

    // The root as it would be in a tree that high.
    private object?[]? Lifted(int shift)
    {
        var root = _root;
        for (var at = _shift; at < shift && root is not null; at += Bits)
            root = [root, .. new object?[Width - 1]];
        return root;
    }

    // Null: nothing is left in it.
    private static object?[]? With(object?[]? node, int shift, int number, T? part)
    {
        var copy = (object?[]?)node?.Clone() ?? new object?[Width];
        var place = PlaceOf(number, shift);
        copy[place] = shift == 0 ? part : With((object?[]?)copy[place], shift - Bits, number, part);
        return copy[place] is null && Array.TrueForAll(copy, each => each is null) ? null : copy;
    }

    private static IEnumerable<T> In(object?[]? node, int shift)
    {
        foreach (var child in node ?? [])
        {
            if (shift > 0)
            {
                foreach (var part in In((object?[]?)child, shift - Bits))
                    yield return part;
            }
            else if (child is not null)
            {
                yield return (T)child;
            }
        }
    }

    private static void Compare(object? before, object? after, int shift, Action<T?, T?> differs)
    {
        if (ReferenceEquals(before, after))
            return;

        if (shift < 0)
        {
            differs((T?)before, (T?)after);
            return;
        }

        var (was, now) = ((object?[]?)before, (object?[]?)after);
        for (var i = 0; i < Width; i++)
            Compare(was?[i], now?[i], shift - Bits, differs);
    }
}
