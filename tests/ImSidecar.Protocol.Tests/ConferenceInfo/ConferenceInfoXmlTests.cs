using System.Text;

namespace ImSidecar.Protocol.Tests.ConferenceInfo;

using ImSidecar.Protocol.ConferenceInfo;

/// <summary>RFC 4575 5 and 8.</summary>
public class ConferenceInfoXmlTests
{
    public static TheoryData<string> Documents => [.. Vectors.Names("conference-info", "*.xml")];

    [Theory, MemberData(nameof(Documents))]
    public void Every_vector_is_valid_and_what_we_write_of_it_too(string name)
    {
        var bytes = Vectors.Read(name);
        Assert.Empty(Schemas.ConferenceInfo.Errors(bytes));
        Assert.True(ConferenceInfoXml.TryParse(bytes, out var info));

        var written = ConferenceInfoXml.Write(info);

        Assert.Empty(Schemas.ConferenceInfo.Errors(written));
        Assert.True(ConferenceInfoXml.TryParse(written, out var again));
        Assert.Equal(written, ConferenceInfoXml.Write(again));
    }

    [Theory]
    [InlineData("full")]
    [InlineData("partial")]
    [InlineData("deleted")]
    public void The_examples_are_written_back_but_for_white_space(string name)
    {
        var bytes = Vectors.Read($"conference-info/{name}.xml");

        Assert.True(ConferenceInfoXml.TryParse(bytes, out var info));

        Assert.Equal(Schemas.WithoutLayout(bytes), Schemas.WithoutLayout(ConferenceInfoXml.Write(info)));
    }

    [Fact]
    public void Elements_we_do_not_use_are_passed_over()
    {
        Assert.True(ConferenceInfoXml.TryParse(Vectors.Read("conference-info/everything.xml"), out var info));

        Assert.Equal("sips:conf233@example.com", info.Entity);
        Assert.Equal((ElementState.Full, uint.MaxValue), (info.State, info.Version));
        Assert.Equal(new("Room <7>", "Agenda", "free & easy", 50), info.Description);
        Assert.Equal(new(33, Active: true, Locked: false), info.ConferenceState);
        Assert.Equal(ElementState.Full, info.Users?.State);
        Assert.Equal(
            [("sip:bob@example.com", ElementState.Full, "Bob"), ("sip:alice@example.com", ElementState.Deleted, null)],
            info.Users?.List.Select(user => (user.Entity, user.State, user.DisplayText))!);
        Assert.Equal(
            new ConferenceEndpoint("sip:bob@pc33.example.com", EndpointStatus.MutedViaFocus)
            {
                DisplayText = "Laptop",
                JoiningMethod = JoiningMethod.DialedOut,
            },
            Assert.Single(info.Users!.List[0].Endpoints));
    }

    [Fact]
    public void Every_word_of_the_enumerations_is_valid_and_comes_back()
    {
        var endpoints = Enum.GetValues<EndpointStatus>().Select(status =>
            new ConferenceEndpoint("e-" + status, status)
            {
                State = (ElementState)((int)status % 3),
                JoiningMethod = (JoiningMethod)((int)status % 3),
                DisconnectionMethod = (DisconnectionMethod)((int)status % 4),
            });
        var info = new ConferenceInfo
        {
            Entity = "sip:c@example.com",
            State = ElementState.Partial,
            ConferenceState = new(),
            Users = new(
                ElementState.Partial,
                [new("sip:a@example.com", [.. endpoints]) { State = ElementState.Partial }]),
        };

        var written = ConferenceInfoXml.Write(info);

        Assert.Empty(Schemas.ConferenceInfo.Errors(written));
        Assert.True(ConferenceInfoXml.TryParse(written, out var read));
        Assert.Equal(info.Users.List[0].Endpoints, read.Users!.List[0].Endpoints);
    }

    [Fact]
    public void Text_is_escaped_and_cleaned()
    {
        var info = Named("<\"&'> \u0000\u0008\uFFFE\uDC00 Ünï 🎿", entity: "sip:a@b;x=\"<&> version=\"0\"");

        var written = ConferenceInfoXml.Write(info);

        Assert.Empty(Schemas.ConferenceInfo.Errors(written));
        Assert.True(ConferenceInfoXml.TryParse(written, out var read));
        Assert.Equal(info.Entity, read.Entity);
        Assert.Equal("<\"&'> \uFFFD Ünï 🎿", read.Users!.List[0].DisplayText);
    }

    [Fact]
    public void A_template_differs_in_the_version_only()
    {
        var info = Named("Ali \" version=\"0\"", entity: "sip:a@b?\" version=\"0\"");
        var template = new ConferenceInfoTemplate(info);

        foreach (var version in (uint[])[0, 1, 10, uint.MaxValue])
            Assert.Equal(ConferenceInfoXml.Write(info with { Version = version }), template.Render(version));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<conference-info entity='sip:a@b'/>")]
    [InlineData("<users {ns}/>")]
    [InlineData("<conference-info {ns}/>")]
    [InlineData("<conference-info {ns} entity=''/>")]
    [InlineData("<conference-info {ns} entity='x' state='new'/>")]
    [InlineData("<conference-info {ns} entity='x' version='-1'/>")]
    [InlineData("<conference-info {ns} entity='x' version='4294967296'/>")]
    [InlineData("<conference-info {ns} entity='x'/>text")]
    [InlineData("<conference-info {ns} entity='x'><users><user/></users></conference-info>")]
    [InlineData("<conference-info {ns} entity='x'><users state='none'/></conference-info>")]
    [InlineData("<!DOCTYPE c [<!ENTITY e 'x'>]><conference-info {ns} entity='&e;'/>")]
    public void What_is_no_document_is_refused(string text)
    {
        var document = text.Replace("{ns}", $"xmlns='{ConferenceInfoXml.Namespace}'", StringComparison.Ordinal);

        Assert.False(ConferenceInfoXml.TryParse(Encoding.UTF8.GetBytes(document), out _));
    }

    [Fact]
    public void Bytes_users_and_endpoints_are_bounded()
    {
        Assert.True(Parses(Repeat("<user entity='u'/>", ConferenceInfoXml.MaxUsers)));
        Assert.False(Parses(Repeat("<user entity='u'/>", ConferenceInfoXml.MaxUsers + 1)));
        Assert.True(Parses($"<user entity='u'>{Repeat("<endpoint entity='e'/>", 64)}</user>"));
        Assert.False(Parses($"<user entity='u'>{Repeat("<endpoint entity='e'/>", 65)}</user>"));
        Assert.False(Parses(new string(' ', ConferenceInfoXml.MaxBytes)));
        Assert.True(Parses(Repeat("<x>", 50_000) + Repeat("</x>", 50_000)));
    }

    [Theory, MemberData(nameof(Documents))]
    public void Damaged_documents_never_throw(string name)
    {
        foreach (var spoiled in Damage.Of(Vectors.Read(name)))
            if (ConferenceInfoXml.TryParse(spoiled, out var info))
            {
                new ConferenceView().Apply(info);
                Assert.True(ConferenceInfoXml.TryParse(ConferenceInfoXml.Write(info), out _));
            }
    }

    private static ConferenceInfo Named(string displayText, string entity) => new()
    {
        Entity = entity,
        State = ElementState.Full,
        Users = new(ElementState.Full, [new("sip:a@example.com", []) { DisplayText = displayText }]),
    };

    private static bool Parses(string users) => ConferenceInfoXml.TryParse(
        Encoding.UTF8.GetBytes($"<conference-info xmlns='{ConferenceInfoXml.Namespace}' entity='sip:a@b'>"
            + $"<users>{users}</users></conference-info>"), out _);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
