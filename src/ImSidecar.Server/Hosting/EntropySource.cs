using System.Security.Cryptography;

namespace ImSidecar.Server.Hosting;

/// <summary>The random bytes of the facts: read for many decisions at once, each gets its own.</summary>
internal sealed class EntropySource
{
    private const int Each = 32;
    private const int AtOnce = 64;

    private readonly Lock _gate = new();
    private ReadOnlyMemory<byte> _left;

    public ReadOnlyMemory<byte> Next()
    {
        lock (_gate)
        {
            if (_left.IsEmpty)
                _left = RandomNumberGenerator.GetBytes(AtOnce * Each);

            var next = _left[..Each];
            _left = _left[Each..];
            return next;
        }
    }
}
