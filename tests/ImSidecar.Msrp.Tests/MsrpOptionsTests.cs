namespace ImSidecar.Msrp.Tests;

/// <summary>The section "Msrp" of the configuration.</summary>
public class MsrpOptionsTests
{
    private static readonly MsrpOptionsValidator _validator = new();

    [Fact]
    public void The_defaults_are_valid() => Assert.True(_validator.Validate(null, new()).Succeeded);

    [Theory]
    [InlineData("127.0.0.1:2855", true)]
    [InlineData("[::1]:2855", true)]
    [InlineData("0.0.0.0:2855", false)]
    [InlineData("2855", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost:2855", false)]
    [InlineData("", false)]
    public void Listen_is_an_address_and_a_port_that_can_be_announced(string listen, bool isValid) =>
        Assert.Equal(isValid, _validator.Validate(null, new() { Listen = listen }).Succeeded);

    [Fact]
    public void What_is_announced_is_what_is_listened_on_unless_it_is_said()
    {
        var open = new MsrpOptions { Listen = "0.0.0.0:2855", AnnounceHost = "im.example.com", AnnouncePort = 443 };

        Assert.True(_validator.Validate(null, open).Succeeded);
        Assert.Equal("msrp://im.example.com:443/s1;tcp", open.LocalUri("s1").ToString());
        Assert.Equal(
            "msrp://[2001:db8::1]:2855/s1;tcp",
            new MsrpOptions { AnnounceHost = "[2001:db8::1]" }.LocalUri("s1").ToString());
        Assert.Equal("msrp://[::1]:2855/s1;tcp", new MsrpOptions { Listen = "[::1]:2855" }.LocalUri("s1").ToString());
    }

    [Fact]
    public void TLS_is_announced_under_the_same_host()
    {
        var both = new MsrpOptions { Listen = "127.0.0.1:2855", TlsListen = "127.0.0.1:2856" };

        Assert.True(_validator.Validate(null, both).Succeeded);
        Assert.Equal(2856, both.TlsPort);
        Assert.Equal(443, (both with { AnnounceTlsPort = 443 }).TlsPort);
        Assert.Null(new MsrpOptions().TlsPort);
        var elsewhere = both with { TlsListen = "[::1]:2856" };
        Assert.Contains("AnnounceHost", _validator.Validate(null, elsewhere).FailureMessage, StringComparison.Ordinal);
        Assert.True(_validator.Validate(null, elsewhere with { AnnounceHost = "im.example.com" }).Succeeded);
    }

    [Fact]
    public void Each_complaint_names_its_key()
    {
        var options = new MsrpOptions
        {
            Listen = "here",
            AnnounceHost = "not a host",
            AnnouncePort = 70_000,
            TlsListen = "here",
            AnnounceTlsPort = 70_000,
            MaxConnections = 0,
            MaxHeaderBytes = 1,
            MaxCpimHeaderBytes = 1,
            MaxMessageBytes = 1,
            MaxHeldBytes = 1,
            MaxChunkBytes = 100_000,
            MaxOpenMessages = 0,
            MaxBacklogBytes = 1,
            MaxMissedMessages = -1,
            KeepAlive = TimeSpan.FromMilliseconds(1),
            TcpKeepAlive = TimeSpan.FromDays(1),
            TcpUserTimeout = TimeSpan.FromSeconds(-1),
            LagTolerance = TimeSpan.Zero,
            BindTimeout = TimeSpan.Zero,
            StallTimeout = TimeSpan.FromDays(2),
            TransactionTimeout = TimeSpan.Zero,
            ConnectTimeout = TimeSpan.Zero,
            ChallengeTimeout = TimeSpan.Zero,
        };

        var failures = _validator.Validate(null, options).Failures!.ToList();

        var keys = typeof(MsrpOptions).GetProperties()
            .Where(each => each.CanWrite && each.PropertyType != typeof(bool)).Select(each => "Msrp:" + each.Name);
        foreach (var key in keys)
            Assert.Contains(failures, each => each.StartsWith(key + " ", StringComparison.Ordinal));
    }
}
