using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>Section XcapClient, and what it makes.</summary>
public class RemoteServicesTests
{
    [Fact]
    public async Task The_remote_XDMS_is_where_documents_come_from()
    {
        await using var xdms = new ScriptedXdms();
        xdms.Serve("<group/>", "\"1\"");
        await using var services = Services(("XcapClient:Root", xdms.Root.AbsoluteUri));
        services.GetRequiredService<IStartupValidator>().Validate();

        var documents = services.GetRequiredService<IXdmDocuments>();
        var document = await documents.ReadAsync(RemoteWorld.Group, TestContext.Current.CancellationToken);

        Assert.Equal("1", document!.ETag);
        Assert.Equal(
            [typeof(DocumentMemory), typeof(DocumentSweep)],
            services.GetServices<IHostedService>().Select(each => each.GetType()));
        Assert.NotNull(services.GetRequiredService<RemoteMetrics>());
    }

    [Theory]
    [InlineData("Root", "", "must be an http or https URI without query")]
    [InlineData("Root", "ftp://xdms.example.com/", "must be an http or https URI without query")]
    [InlineData("Root", "http://user:secret@xdms.example.com/", "must be an http or https URI without query")]
    [InlineData("GroupFolder", "groups", "must be byGroupID or byGroup")]
    [InlineData("AssertedIdentity", "im-server", "\"im-server\" is no SIP URI")]
    [InlineData("IdentityHeader", "X: y", "must be the name of a header field")]
    [InlineData("UserName", "im", "PasswordFile and UserName belong together")]
    [InlineData("Timeout", "00:01:00", "must be 00:00:00.0500000 to 00:00:30")]
    [InlineData("Retries", "6", "must be 0 to 5")]
    [InlineData("BreakFor", "00:00:00", "must be 00:00:01 to 00:10:00")]
    [InlineData("RevalidateAfter", "00:00:00", "must be 00:00:01 to 30.00:00:00")]
    [InlineData("RevalidateWatchedAfter", "00:00:30", "must be at least RevalidateAfter")]
    [InlineData("KeepFor", "00:15:59", "must be at least RevalidateWatchedAfter and RevalidateAfter together")]
    [InlineData("AbsentFor", "02:00:00", "must be 00:00:00 to 01:00:00")]
    [InlineData("InUseFor", "-00:00:01", "must be at least RevalidateAfter")]
    [InlineData("MaxDocuments", "0", "must be 1 to 1000000")]
    [InlineData("MaxDocumentBytes", "1", "must be 1024 to 67108864")]
    [InlineData("MaxCacheBytes", "1024", "must be at least MaxDocumentBytes")]
    [InlineData("MaxConcurrent", "0", "must be 1 to 1024")]
    [InlineData("SubscribeTo", "xdms", "\"xdms\" is no SIP URI")]
    public void A_wrong_value_is_named_by_its_key(string key, string value, string rule)
    {
        using var services = Services(("XcapClient:" + key, value));

        var exception = Assert.Throws<OptionsValidationException>(
            services.GetRequiredService<IStartupValidator>().Validate);
        var failure = Assert.Single(exception.Failures);
        Assert.StartsWith("XcapClient:", failure);
        Assert.Contains(rule, failure);
        Assert.DoesNotContain("secret", failure);
    }

    [Theory]
    [InlineData("password.txt")]
    [InlineData("/nowhere/password.txt")]
    public void A_password_file_that_cannot_be_read_is_named(string path)
    {
        using var services = Services(("XcapClient:UserName", "im"), ("XcapClient:PasswordFile", path));

        var exception = Assert.Throws<OptionsValidationException>(
            services.GetRequiredService<IStartupValidator>().Validate);
        Assert.StartsWith("XcapClient:PasswordFile must be the absolute path", Assert.Single(exception.Failures));
    }

    private static ServiceProvider Services(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("XcapClient:Root", "https://xdms.example.com/xcap-root")])
            .AddInMemoryCollection(values.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IRemoteDocumentStore>(new FakeRemoteStore());
        services.AddRemoteDocuments(configuration);
        return services.BuildServiceProvider();
    }
}
