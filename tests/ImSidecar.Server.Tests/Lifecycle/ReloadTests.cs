using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Tests.Grpc;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Embedded.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A running node reads its configuration again: all or nothing, and what needs a restart is said.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly ReloadWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Every_reloadable_key_is_taken_and_counts()
    {
        List<string> faults = [];
        List<string> keys = [];
        var reloadable = Keys().Where(each => IsReloadable(each.Section, each.Property))
            .Select(each => (each.Section, each.Property, Before: InForce(each.Section, each.Property))).ToList();
        foreach (var (section, property, before) in reloadable)
        {
            // Each takes the one before it back.
            var result = await _world.WithAsync(section, property.Name, Value(section, property));

            var key = $"{section}:{property.Name}";
            faults.AddRange(result.Errors.Concat(result.Refused).Select(each => key + ": " + each));
            if (!result.Applied.Order().SequenceEqual(keys.TakeLast(1).Append(key).Order()))
                faults.Add(key + " is not taken, or others are: " + string.Join(", ", result.Applied));
            if (before == InForce(section, property))
                faults.Add(key + " is taken, but nobody uses it");
            keys.Add(key);
        }

        Assert.Empty(faults);
        Assert.InRange(keys.Count, 100, 1000);
    }

    [Fact]
    public async Task Every_other_key_is_refused_by_name_and_changes_nothing()
    {
        List<string> faults = [];
        var count = 0;
        foreach (var (section, property) in Keys().Where(each => !IsReloadable(each.Section, each.Property)))
        {
            var result = await _world.WithAsync(section, property.Name, Value(section, property));

            var key = $"{section}:{property.Name}";
            faults.AddRange(result.Errors.Concat(result.Applied).Select(each => key + ": " + each));
            if (!result.Refused.SequenceEqual([key]))
                faults.Add(key + " is not refused, or others are: " + string.Join(", ", result.Refused));
            count++;
        }

        Assert.Empty(faults);
        Assert.InRange(count, 50, 1000);
    }

    [Fact]
    public async Task A_wrong_file_changes_nothing_and_all_errors_are_told()
    {
        var limits = _world.Services.GetRequiredService<Live<OverloadOptions>>().Value;
        var wrong = (JsonObject)_world.Base.DeepClone();
        wrong["Overload"] = new JsonObject { ["MaxNewRequests"] = 7, ["MaxDelay"] = "soon" };
        wrong["Controlling"] = new JsonObject { ["MaxAdHocParticipants"] = 1 };
        _world.Write(wrong);

        var result = await _world.ReloadAsync();

        Assert.Equal(
            [
                "Overload:MaxDelay must be a duration (hh:mm:ss or d.hh:mm:ss), not \"soon\""
                    + $" ({_world.PathOf("imsidecar.json")})",
                $"Controlling:MaxAdHocParticipants must be 2 to 1000 ({_world.PathOf("imsidecar.json")})",
            ],
            result.Errors);
        Assert.True(result.Applied.IsEmpty && result.Refused.IsEmpty);
        Assert.Same(limits, _world.Services.GetRequiredService<Live<OverloadOptions>>().Value);

        _world.WriteText("{ half");
        Assert.Contains("is no valid JSON", Assert.Single((await _world.ReloadAsync()).Errors), StringComparison.Ordinal);
        Assert.Empty((await _world.BackAsync()).Applied);
    }

    [Fact]
    public async Task What_needs_a_key_that_waits_for_a_restart_is_not_taken_without_it()
    {
        var changed = (JsonObject)_world.Base.DeepClone();
        changed["Controlling"] = new JsonObject
        {
            ["ConferenceFactory"] = "sip:factory@other.example.com",
            ["ListServer"] = "sip:list@other.example.com",
        };
        _world.Write(changed);

        var result = await _world.ReloadAsync();

        Assert.Equal(
            "Controlling:ListServer must be a SIP URI in the domain of ConferenceFactory, as long as"
                + $" Controlling:ConferenceFactory waits for a restart ({_world.PathOf("imsidecar.json")})",
            Assert.Single(result.Errors));
        Assert.Empty(result.Applied);
    }

    [Fact]
    public async Task Log_levels_follow_the_file()
    {
        var logger = _world.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ImSidecar.Server.Test");
        Assert.False(logger.IsEnabled(LogLevel.Debug));

        await _world.WithAsync("Logging", "LogLevel", new JsonObject { ["ImSidecar.Server"] = "Debug" });
        Assert.True(logger.IsEnabled(LogLevel.Debug));

        await _world.BackAsync();
        Assert.False(logger.IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public async Task Another_certificate_is_shown_from_then_on()
    {
        var before = _world.Services.GetRequiredService<IMsrpIdentity>().Fingerprint;
        _world.WriteCertificate("new.pem", "new.key");
        var changed = (JsonObject)_world.Base.DeepClone();
        changed["MsrpTls"] = new JsonObject
        {
            ["CertificateFile"] = _world.PathOf("new.pem"),
            ["KeyFile"] = _world.PathOf("new.key"),
        };
        _world.Write(changed);

        Assert.Equal(["MsrpTls:CertificateFile", "MsrpTls:KeyFile"], (await _world.ReloadAsync()).Applied);

        Assert.NotEqual(before, _world.Services.GetRequiredService<IMsrpIdentity>().Fingerprint);
    }

    [Fact]
    public async Task An_administrator_of_documents_may_at_once()
    {
        var access = _world.Services.GetRequiredService<XcapAccess>();
        var selector = Protocol.Xdm.DocumentSelector.OfGroup("sip:skiers@groups.example.com");
        Assert.False(access.IsOwner(new XcapCaller("sip:root@example.com"), selector));

        await _world.WithAsync("XcapServer", "Administrators", new JsonArray("sip:root@example.com"));

        Assert.True(access.IsOwner(new XcapCaller("sip:root@example.com"), selector));
    }

    [Fact]
    public async Task The_next_refusal_says_another_time()
    {
        var actions = _world.Services.GetRequiredService<SipActions>();
        var refusal = new Respond("t1", Protocol.Sip.SipStatus.ServiceUnavailable, "Draining");

        await _world.WithAsync("Gateway", "RetryAfter", "00:00:17");

        var header = Assert.Single(actions.Of(refusal).Reply.Headers, each => each.Name == "Retry-After");
        Assert.Equal("17", header.Value.ToStringUtf8());
    }

    [Fact]
    public async Task A_reload_that_fails_is_told_and_leaves_nothing_half_taken()
    {
        using var systemd = new NotifySocket(_world.PathOf("notify"));
        using var manager = new ServiceManager(name => name == "NOTIFY_SOCKET" ? _world.PathOf("notify") : null);
        var log = new CollectedLog();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        var taking = new Taking();
        using var reload = new Reload(
            _world.Services.GetRequiredService<ConfigurationSource>(), Sidecar.Role,
            _world.Services.GetRequiredService<IConfiguration>(), [taking, new Failing()], manager,
            factory.CreateLogger<Reload>());
        var changed = (JsonObject)_world.Base.DeepClone();
        changed["Overload"] = new JsonObject { ["MaxNewRequests"] = 7 };
        _world.Write(changed);

        var result = await reload.ReloadAsync();

        Assert.Equal("the reload failed, which is a bug and in the log: Too bad", Assert.Single(result.Errors));
        Assert.Empty(result.Applied);
        Assert.Equal(["7", null], taking.Taken);
        Assert.Equal("Too bad", Assert.Single(log.Errors).Exception?.Message);
        await systemd.NextAsync("RELOADING");
        await systemd.NextAsync("READY");
    }

    private IEnumerable<(string Section, PropertyInfo Property)> Keys() =>
        from section in ConfigurationKeys.Sections
        where _world.Sections.Contains(section.Value)
        from property in section.Value.GetProperties()
        where property.CanWrite
        select (section.Key, property);

    private static bool IsReloadable(string section, PropertyInfo property) =>
        ReloadableKeys.Contains($"{section}:{property.Name}");

    private JsonNode Value(string section, PropertyInfo property)
    {
        var options = _world.Services.GetRequiredService<IConfiguration>().GetSection(section).Get(property.DeclaringType!)
            ?? Activator.CreateInstance(property.DeclaringType!)!;
        return _world.Other(section, property, property.GetValue(options));
    }

    // What those who work by the key read: the policy, or the section itself.
    private string InForce(string section, PropertyInfo property)
    {
        var isPolicy = section is "Controlling" or "Participating"
            || section == "Deferred" && property.Name != nameof(DeferredOptions.Window)
            || section == "Xdm" && property.Name != nameof(XdmOptions.ReviewInterval);
        if (isPolicy)
            return Dump(_world.Services.GetRequiredService<Live<OperatorPolicy>>().Value, 4);

        if (section == "MsrpTls")
            return Dump(FieldOf(_world.Services.GetRequiredService<IMsrpTls>(), "_options"), 2);

        var live = _world.Services.GetRequiredService(typeof(Live<>).MakeGenericType(property.DeclaringType!));
        return Dump(property.GetValue(live.GetType().GetProperty("Value")!.GetValue(live)), 2);
    }

    private static object? FieldOf(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(owner);

    private static string Dump(object? value, int depth) => value switch
    {
        null => "null",
        string or IFormattable or bool => value.ToString()!,
        IEnumerable many => "[" + string.Join(", ", many.Cast<object>().Select(each => Dump(each, depth - 1))) + "]",
        _ when depth == 0 => value.ToString()!,
        _ => string.Join("; ", value.GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(each => each.GetIndexParameters().Length == 0 && each.Name != "EqualityContract")
            .Select(each => $"{each.Name}={Dump(each.GetValue(value), depth - 1)}")),
    };

    private sealed class Taking : IReloaded
    {
        public List<string?> Taken { get; } = [];

        public void Take(IConfiguration configuration) => Taken.Add(configuration["Overload:MaxNewRequests"]);
    }

    private sealed class Failing : IReloaded
    {
        public void Take(IConfiguration configuration) => throw new InvalidOperationException("Too bad");
    }
}
