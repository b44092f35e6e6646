using ImSidecar.Server.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>Files with keys: what is taken for one, and what the operator is told.</summary>
public class ContentKeyTests
{
    private const string Base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private const string Hexadecimal = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

    [Fact]
    public void A_key_is_read_from_base64_and_from_hexadecimal_digits()
    {
        Assert.True(TryRead(Files.Write(Base64 + "\n"), out var one, out _));
        Assert.True(TryRead(Files.Write("  " + Hexadecimal, "640"), out var other, out _));

        Assert.Equal(Enumerable.Range(0, 32).Select(i => (byte)i), one.Value.ToArray());
        Assert.Equal(one.Value.ToArray(), other.Value.ToArray());
        Assert.Equal(one.Id, other.Id);
        Assert.Equal(16, one.Id.Length);
    }

    [Theory]
    [InlineData("", "does not hold 32 bytes")]
    [InlineData("AAECAwQFBgcICQoLDA0ODw==", "does not hold 32 bytes")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", "does not hold 32 bytes")]
    [InlineData("00010203zz05060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F", "does not hold 32 bytes")]
    [InlineData("0001020304050607", "does not hold 32 bytes")]
    public void What_is_no_key_is_refused(string text, string reason)
    {
        Assert.False(TryRead(Files.Write(text), out _, out var error));
        Assert.StartsWith(reason, error, StringComparison.Ordinal);
        if (text.Length > 0)
            Assert.DoesNotContain(text, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("644")]
    [InlineData("602")]
    [InlineData("620")]
    public void A_file_that_others_may_read_or_write_is_refused(string mode)
    {
        Assert.False(TryRead(Files.Write(Base64, mode), out _, out var error));
        Assert.StartsWith("may be read or written by others", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key", "is not an absolute path")]
    [InlineData("/nowhere/key", "does not exist")]
    [InlineData("/tmp\0", "cannot be read")]
    public void A_file_that_is_not_there_is_refused(string path, string reason)
    {
        Assert.False(ContentKey.TryRead(path, out _, out var error));
        Assert.Equal(reason, error);
    }

    [Fact]
    public void A_huge_file_is_not_read_whole() =>
        Assert.False(TryRead(Files.Write(new string('A', 100_000)), out _, out _));

    private static bool TryRead(string path, out ContentKey key, out string error)
    {
        try
        {
            return ContentKey.TryRead(path, out key, out error);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
