namespace ImSidecar.Protocol.Tests;

/// <summary>Deterministic spoiling of a good message: cut, flipped, lengthened, shuffled.</summary>
internal static class Damage
{
    private static readonly byte[] Nasty = "\0\r\n\t \"<>&;:=/-%[]{}@*,\\0~\x7F"u8.ToArray();

    public static IEnumerable<byte[]> Of(byte[] good)
    {
        var random = new Random(4975);
        var step = Math.Max(1, good.Length / 500);

        for (var length = 0; length < good.Length; length += step)
        {
            yield return good[..length];
            yield return good[length..];
        }

        for (var at = 0; at < good.Length; at += step)
        {
            yield return With(good, at, Nasty[random.Next(Nasty.Length)]);
            yield return With(good, at, (byte)random.Next(256));
            yield return [.. good[..at], Nasty[random.Next(Nasty.Length)], .. good[at..]];
            yield return [.. good[..at], .. good[Math.Min(good.Length, at + random.Next(1, 20))..]];
        }

        for (var round = 0; round < 100; round++)
        {
            var spoiled = good.ToArray();
            for (var flips = 0; flips < 8 && spoiled.Length > 0; flips++)
                spoiled[random.Next(spoiled.Length)] = (byte)random.Next(256);

            yield return spoiled;
        }

        yield return [.. Enumerable.Repeat(good, 20).SelectMany(each => each)];
        yield return new byte[70_000];
        yield return Enumerable.Repeat((byte)'a', 2_000_000).ToArray();
        yield return Enumerable.Repeat((byte)'\n', 2_000_000).ToArray();
    }

    private static byte[] With(byte[] good, int at, byte value)
    {
        var spoiled = good.ToArray();
        spoiled[at] = value;
        return spoiled;
    }
}
