using ImSidecar.Digest;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Nonces of HTTP Digest: ours, young, each count once, and bounded.</summary>
public sealed class DigestNoncesTests
{
    private readonly SteppedTime _time = new();
    private readonly DigestNonces _nonces;

    public DigestNoncesTests() => _nonces = new(TimeSpan.FromMinutes(5), _time);

    [Fact]
    public void Each_count_is_taken_once_in_any_order()
    {
        var nonce = _nonces.Create();

        uint[] counts = [1, 3, 2, 66, 5];
        Assert.All(counts, count => Assert.Equal(NonceState.Good, _nonces.Use(nonce, count)));
        Assert.All(counts, count => Assert.Equal(NonceState.Replayed, _nonces.Use(nonce, count)));
        Assert.Equal(NonceState.Replayed, _nonces.Use(nonce, 0));
        Assert.Equal(NonceState.Good, _nonces.Use(nonce, 4));
        Assert.Equal(NonceState.Good, _nonces.Use(nonce, uint.MaxValue));
        Assert.Equal(NonceState.Replayed, _nonces.Use(nonce, 67));
    }

    [Fact]
    public void An_old_nonce_is_stale()
    {
        var nonce = _nonces.Create();
        Assert.Equal(NonceState.Good, _nonces.Use(nonce, 1));

        _time.Now += TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(1);

        Assert.Equal(NonceState.Stale, _nonces.Use(nonce, 2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("not base64 at all, but just as long as one.")]
    public void What_we_did_not_make_is_foreign(string nonce)
    {
        Assert.Equal(NonceState.Foreign, _nonces.Use(nonce, 1));
        Assert.Equal(NonceState.Foreign, _nonces.Use(new DigestNonces(TimeSpan.FromMinutes(5), _time).Create(), 1));
    }

    [Fact]
    public void A_nonce_whose_uses_are_forgotten_cannot_be_replayed()
    {
        var nonces = new List<string>();
        for (var number = 0; number < DigestNonces.MaxInUse + 10; number++)
        {
            nonces.Add(_nonces.Create());
            _time.Now += TimeSpan.FromMilliseconds(1);
            Assert.Equal(NonceState.Good, _nonces.Use(nonces[^1], 1));
        }

        Assert.Equal(NonceState.Stale, _nonces.Use(nonces[0], 1));
        Assert.Equal(NonceState.Stale, _nonces.Use(nonces[0], 2));
        Assert.Equal(NonceState.Replayed, _nonces.Use(nonces[^1], 1));
        Assert.Equal(NonceState.Good, _nonces.Use(nonces[^1], 2));
    }

    [Fact]
    public void Failures_are_counted_for_a_minute()
    {
        var limit = new FailureLimit(2, _time);
        limit.Count("a", "alice");
        Assert.False(limit.IsExceeded("a", "alice"));
        limit.Count("a", "alice");
        Assert.True(limit.IsExceeded("a", "alice"));
        Assert.False(limit.IsExceeded("b", "alice"));
        Assert.False(limit.IsExceeded("a", "bob"));

        for (var number = 0; number < 20; number++)
            limit.Count("a", "user" + number);
        Assert.True(limit.IsExceeded("a", "bob"));

        _time.Now += TimeSpan.FromMinutes(1);
        Assert.False(limit.IsExceeded("a", "alice"));
    }

    [Fact]
    public void Failures_from_many_addresses_lock_nobody_else_out()
    {
        var limit = new FailureLimit(2, _time);
        for (var number = 0; number < FailureLimit.MaxKeys + 100; number++)
        {
            limit.Count("a" + number, "alice");
            limit.Count("a" + number, "alice");
        }

        Assert.False(limit.IsExceeded("home", "alice"));
        Assert.False(limit.IsExceeded("a0", "alice"));
        Assert.True(limit.IsExceeded("a" + FailureLimit.MaxKeys, "alice"));
        Assert.False(limit.IsExceeded("a" + FailureLimit.MaxKeys, "bob"));
    }

    private sealed class SteppedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
