using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

public class SlotTests
{
    [Theory]
    [InlineData("abcdefghijklmnopqrstuvwxaa", 0)]
    [InlineData("abcdefghijklmnopqrstuvwxab", 1)]
    [InlineData("abcdefghijklmnopqrstuvwxba", 32)]
    [InlineData("xd-abcdefghijklmnopqrstuvwx77", 1023)]
    [InlineData("su-abcdefghijklmnopqrstuvwxz2", 25 * 32 + 26)]
    public void The_last_two_characters_of_an_id_tell_its_slot(string id, int slot)
    {
        Assert.Equal(slot, Slot.Of(new(id)).Number);
    }

    // Of the published test vectors of FNV-1a: "" 811c9dc5, "a" e40c292c, "foobar" bf9cf968.
    [Theory]
    [InlineData("", 0x811c9dc5)]
    [InlineData("a", 0xe40c292c)]
    [InlineData("foobar", 0xbf9cf968)]
    public void A_text_has_the_slot_of_its_FNV_hash(string text, uint hash)
    {
        Assert.Equal((int)(hash % 1024), Slot.OfText(text).Number);
    }

    [Fact]
    public void The_characters_of_each_slot_lead_back_to_it()
    {
        foreach (var slot in Slot.All)
            Assert.Equal(slot, Slot.Of(new("abcdefghijklmnopqrstuvwx" + slot.Characters)));
    }

    [Fact]
    public void What_is_no_id_of_ours_has_a_slot_all_the_same()
    {
        Assert.InRange(Slot.Of(new("none!")).Number, 0, Slot.Count - 1);
        Assert.InRange(Slot.Of(new("")).Number, 0, Slot.Count - 1);
    }
}
