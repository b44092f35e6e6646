using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>
/// Encrypts what people have written before it is stored, AES-256-GCM with a fresh nonce each time; without a key it
/// leaves it as it is. What is sealed for one message can be opened for no other, of no other user.
/// </summary>
internal sealed class ContentSeal(IReadOnlyList<ContentKey> keys)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly ContentKey? _current = keys.Count > 0 ? keys[0] : null;
    private readonly Dictionary<string, ContentKey> _keys =
        keys.DistinctBy(key => key.Id).ToDictionary(key => key.Id);

    /// <summary>What is stored beside each row; null: it is not encrypted.</summary>
    public string? KeyId => _current?.Id;

    public byte[] Seal(byte[] content, SealedPart part)
    {
        if (_current is null)
            return content;

        var result = new byte[NonceBytes + content.Length + TagBytes];
        var nonce = result.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_current.Value.Span, TagBytes);
        cipher.Encrypt(
            nonce, content, result.AsSpan(NonceBytes, content.Length), result.AsSpan(NonceBytes + content.Length),
            part.ToBytes());
        return result;
    }

    /// <summary>False, with the reason, when the key is not ours or somebody changed the row.</summary>
    public bool TryOpen(string? keyId, byte[] stored, SealedPart part, out byte[] content, out string error)
    {
        content = stored;
        error = "";
        if (keyId is null)
            return true;

        if (!_keys.TryGetValue(keyId, out var key))
            error = $"no file of DeferredStore:KeyFiles has its key {keyId}";
        else if (stored.Length < NonceBytes + TagBytes || !TryDecrypt(key, stored, part, out content))
            error = "it is not what was written";
        return error.Length == 0;
    }

    private static bool TryDecrypt(ContentKey key, ReadOnlySpan<byte> stored, SealedPart part, out byte[] content)
    {
        content = new byte[stored.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(key.Value.Span, TagBytes);
            cipher.Decrypt(
                stored[..NonceBytes], stored[NonceBytes..^TagBytes], stored[^TagBytes..], content, part.ToBytes());
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}

/// <summary>Where something sealed belongs: it is authenticated with it.</summary>
/// <param name="Name">Which of the sealed parts of the message.</param>
/// <param name="SipSize">Where in the content the MSRP part begins.</param>
internal readonly record struct SealedPart(string Name, string User, string Key, long SipSize)
{
    public const string Content = "content";
    public const string Subject = "subject";

    // Each text behind its length: no two parts are the same bytes.
    public byte[] ToBytes()
    {
        var text = Encoding.UTF8;
        var bytes = new List<byte>(64 + User.Length + Key.Length);
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var each in (string[])[Name, User, Key])
        {
            var encoded = text.GetBytes(each);
            BinaryPrimitives.WriteInt64BigEndian(number, encoded.Length);
            bytes.AddRange(number);
            bytes.AddRange(encoded);
        }

        BinaryPrimitives.WriteInt64BigEndian(number, SipSize);
        bytes.AddRange(number);
        return [.. bytes];
    }
}
