using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Core.Messages;
using ImSidecar.Core.Participating;
using ImSidecar.Server.Stores.Format;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The stored form of each part: complete, readable for ever, refused by name when not ours.</summary>
public sealed class StoredFormatTests
{
    public static TheoryData<string> Vectors => [.. Directory
        .EnumerateFiles(Root, "*.json", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path))
        .Order(StringComparer.Ordinal)];

    private static string Root { get; } = Find();

    [Fact]
    public void Every_effect_has_a_stored_name_and_a_sample()
    {
        var cases = typeof(Effect).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Effect)))
            .Except(StoredTypes.Unstored).ToHashSet();

        Assert.Equal(cases, StoredTypes.Effects.Keys.ToHashSet());
        Assert.Equal(cases.Count, StoredTypes.Effects.Values.Distinct().Count());
        Assert.Equal(cases, Sample.Effects.Select(effect => effect.GetType()).ToHashSet());
    }

    [Fact]
    public void Every_property_has_a_value_somewhere_in_the_sample()
    {
        object[] sample =
        [
            Sample.Conference(), Sample.DocumentSubscription(), Sample.DocumentWatch(), Sample.ServedUser(),
            Sample.PageMessage(), Sample.DeferredSession(), Sample.Effects,
        ];

        Assert.Empty(Dump.NamesOfSettable(sample).Except(Dump.NamesOfSet(sample)));
    }

    [Fact]
    public void Every_state_is_stored_by_its_name()
    {
        foreach (var state in Enum.GetValues<LegState>())
        {
            var participant = Sample.Inviter() with { Leg = Sample.Inviter().Leg with { State = state } };
            var body = StoredFormat.Write(participant);

            Assert.Contains($"\"state\":\"{state}\"", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
            Assert.Equal(state, Read<Participant>(body).Leg.State);
        }
    }

    [Fact]
    public void What_is_empty_stays_empty()
    {
        var leg = Sample.Inviter().Leg with { RouteSet = default, Accepted = null, SessionInterval = null };
        var loaded = Read<Participant>(StoredFormat.Write(Sample.Inviter() with { Leg = leg, DisplayName = null }));

        Assert.Empty(loaded.Leg.RouteSet);
        Assert.Null(loaded.Leg.Accepted);
        Assert.Null(loaded.Leg.SessionInterval);
        Assert.Null(loaded.DisplayName);
    }

    [Theory, MemberData(nameof(Vectors))]
    public void A_part_of_each_format_still_loads_as_what_it_was(string name)
    {
        var body = File.ReadAllBytes(Path.Combine(Root, name));
        var format = int.Parse(Path.GetDirectoryName(name)!["stored-format-".Length..], null);
        object loaded = Path.GetFileName(name).Split('-', '.')[0] switch
        {
            "conference" => StoredFormat.Read<Conference>(format, body, name),
            "participant" => StoredFormat.Read<Participant>(format, body, name),
            "subscription" => StoredFormat.Read<Subscription>(format, body, name),
            "departure" => StoredFormat.Read<Departure>(format, body, name),
            "guest" => StoredFormat.Read<Guest>(format, body, name),
            "document" => StoredFormat.Read<DocumentSubscription>(format, body, name),
            "served" => StoredFormat.Read<ServedUser>(format, body, name),
            "message" => StoredFormat.Read<PageMessage>(format, body, name),
            "content" => StoredFormat.Read<PageContent>(format, body, name),
            "recipient" => StoredFormat.Read<Recipient>(format, body, name),
            "session" => StoredFormat.Read<DeferredSession>(format, body, name),
            "watch" => StoredFormat.Read<DocumentWatch>(format, body, name),
            _ => StoredFormat.Read<Effect>(format, body, name),
        };

        var expected = File.ReadAllText(Path.Combine(Root, Path.ChangeExtension(name, ".txt")));
        Assert.Equal(expected, Dump.Of(loaded));
    }

    [Fact]
    public void Each_format_has_vectors_of_every_part()
    {
        for (var format = 1; format <= StoredFormat.Current; format++)
        {
            var names = Directory.EnumerateFiles(Path.Combine(Root, "stored-format-" + format), "*.json")
                .Select(path => Path.GetFileNameWithoutExtension(path)!)
                .ToHashSet();
            string[] expected =
            [
                "conference", "participant", "subscription", "departure", "guest", "document-subscription", "watch",
                "served-user",
                "message", "content", "recipient", "session",
                .. StoredTypes.Effects.Values.Select(effect => "effect-" + effect),
            ];

            Assert.Empty(expected.Except(names));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Another_format_is_refused_by_name(int format)
    {
        var error = Assert.Throws<StoredFormatException>(() =>
            StoredFormat.Read<Conference>(format, StoredFormat.Write(Sample.Conference()), "conference room1"));

        Assert.Contains($"conference room1 is stored in format {format}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_a_newer_release_has_written_is_left_out()
    {
        var departure = Sample.Departure("sip:carol@example.com");
        var body = Encoding.UTF8.GetString(StoredFormat.Write(departure));
        Assert.Contains("\"endpoint\"", body, StringComparison.Ordinal);

        var loaded = Read<Departure>(Encoding.UTF8.GetBytes(
            body.Replace("\"endpoint\"", "\"later\":{\"a\":[1]},\"endpoint\"", StringComparison.Ordinal)));

        Assert.Equal(Dump.Of(departure), Dump.Of(loaded));
    }

    [Fact]
    public void A_subscription_and_its_progress_may_each_have_one()
    {
        var subscription = Sample.Conference().Subscriptions.Values.First();
        var (written, progress) = (With(StoredFormat.Write(subscription)), With(StoredFormat.WriteProgress(subscription)));

        var loaded = StoredFormat.ReadProgressed(1, written, 1, progress, "subscription");

        Assert.Equal(Dump.Of(subscription), Dump.Of(loaded));

        static byte[] With(byte[] body) => [(byte)'{', .. "\"later\":1,"u8, .. body[1..]];
    }

    [Fact]
    public void A_state_that_only_a_newer_release_knows_is_refused()
    {
        var body = Encoding.UTF8.GetString(StoredFormat.Write(Sample.Inviter()));

        Refused<Participant>(body.Replace($"\"{Sample.Inviter().Leg.State}\"", "\"Later\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"effect\":\"later\"}")]
    [InlineData("{\"effect\":\"send-cancel\",\"key\":\"no key\",\"invite\":\"r/p1/INVITE/1\"}")]
    [InlineData("{\"effect\":\"send-cancel\",\"key\":7,\"invite\":\"r/p1/INVITE/1\"}")]
    [InlineData("{\"effect\":\"close-leg\",\"sessionId\":null}")]
    [InlineData("{\"effect\":\"respond\",\"transaction\":\"t\",\"status\":\"OK\"}")]
    [InlineData("{\"effect\":\"respond\",\"transaction\":\"t\",\"status\":\"200 OK\",\"headers\":[[\"Contact\"]]}")]
    [InlineData("{\"effect\":\"open-leg\",\"conference\":\"r\",\"media\":null,\"identities\":[]}")]
    public void What_is_damaged_is_refused(string body) => Refused<Effect>(body);

    [Fact]
    public void Cut_and_flipped_bytes_are_read_or_refused_and_nothing_else()
    {
        var good = StoredFormat.Write(Sample.Inviter());
        for (var i = 0; i < good.Length; i++)
        {
            ReadOrRefuse(good[..i]);
            var flipped = good.ToArray();
            flipped[i] ^= 0x15;
            ReadOrRefuse(flipped);
        }
    }

    private static void ReadOrRefuse(byte[] body)
    {
        try
        {
            Read<Participant>(body);
        }
        catch (StoredFormatException)
        {
        }
    }

    private static T Read<T>(byte[] body) => StoredFormat.Read<T>(StoredFormat.Current, body, "part");

    private static void Refused<T>(string body) =>
        Assert.Throws<StoredFormatException>(() => Read<T>(Encoding.UTF8.GetBytes(body)));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "tests", "vectors", "stored-format-1")))
                return Path.Combine(folder.FullName, "tests", "vectors");
        }

        throw new DirectoryNotFoundException("tests/vectors is not above " + AppContext.BaseDirectory);
    }
}
