using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>Whom a list of the operator names.</summary>
public class UserListTests
{
    private static UserList List(params string[] entries)
    {
        Assert.True(UserList.TryParse(entries, out var list));
        return list;
    }

    [Fact]
    public void An_empty_list_names_everybody() => Assert.True(List().Includes(Requester.Anonymous));

    [Theory]
    [InlineData("sip:alice@example.com", true)]
    [InlineData("sip:alice@EXAMPLE.com;transport=tcp", true)]
    [InlineData("tel:+1-555-1234", true)]
    [InlineData("sip:+15551234@elsewhere.example;user=phone", true)]
    [InlineData("sip:anybody@Example.NET.", true)]
    [InlineData("sip:bob@example.com", false)]
    [InlineData("sip:eve@sub.example.net", false)]
    public void A_user_is_named_by_his_address_his_number_or_his_domain(string user, bool isNamed) =>
        Assert.Equal(
            isNamed,
            List("sip:alice@example.com", "tel:+15551234", "example.net").Includes(new Requester(Uri(user))));

    [Fact]
    public void One_address_of_several_is_enough_and_nobody_is_not_named() =>
        Assert.Equal(
            (true, false),
            (List("tel:+15551234").Includes(new([bob, Uri("tel:+15551234")])),
                List("example.net").Includes(Requester.Anonymous)));

    [Theory]
    [InlineData("")]
    [InlineData("not a domain")]
    [InlineData("http://example.com/")]
    public void What_is_neither_is_refused(string entry) => Assert.False(UserList.TryParse([entry], out _));
}
