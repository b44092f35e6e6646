using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>The table of parts by number, beside a dictionary that does the same.</summary>
public class NumberedTreeTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(5_000)]
    [InlineData(int.MaxValue)]
    public void A_random_history_leaves_what_a_dictionary_has(int numbersBelow)
    {
        var random = new Random(7);
        var (tree, plain) = (NumberedTree<string>.Empty, new SortedDictionary<int, string>());
        for (var i = 0; i < 3_000; i++)
        {
            // Half of the time one that is there.
            var number = plain.Count > 0 && i % 2 == 0
                ? plain.Keys.ElementAt(random.Next(plain.Count))
                : random.Next(numbersBelow);
            if (random.Next(3) == 0)
            {
                tree = tree.Remove(number);
                plain.Remove(number);
            }
            else
            {
                tree = tree.Set(number, "part " + i);
                plain[number] = "part " + i;
            }

            Assert.Equal(plain.GetValueOrDefault(number), tree.Find(number));
        }

        Assert.Equal(plain.Values, tree.Values);
        Assert.Equal(plain.Count, tree.Count);
    }

    [Fact]
    public void Two_versions_differ_in_what_was_set_and_removed_between_them()
    {
        var before = NumberedTree<string>.Empty;
        for (var number = 0; number < 2_000; number++)
            before = before.Set(number, "part " + number);

        var after = before.Set(7, "another").Remove(1_024).Set(100_000, "far away");
        var found = new List<(string?, string?)>();
        NumberedTree<string>.Compare(before, after, (was, now) => found.Add((was, now)));

        Assert.Equal([("part 7", "another"), ("part 1024", null), (null, "far away")], found);
    }

    [Fact]
    public void What_is_compared_are_the_objects()
    {
        var part = new string('x', 3);
        var tree = NumberedTree<string>.Empty.Set(3, part);
        var found = 0;

        NumberedTree<string>.Compare(tree, tree.Set(3, part), (_, _) => found++);
        Assert.Equal(0, found);

        NumberedTree<string>.Compare(tree, tree.Set(3, new('x', 3)), (_, _) => found++);
        Assert.Equal(1, found);
    }

    [Fact]
    public void An_older_version_stays_as_it_is()
    {
        var old = NumberedTree<string>.Empty.Set(1, "old");
        _ = old.Set(1, "new").Set(50, "more").Remove(1);

        Assert.Equal(["old"], old.Values);
        Assert.Null(old.Find(50));
        Assert.Null(old.Find(-1));
    }
}
