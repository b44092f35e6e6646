using System.Net;
using System.Net.Http.Headers;
using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Blocking;

/// <summary>Requests to an XCAP server in the name of one user, RFC 4825 7; a challenge is answered once.</summary>
internal sealed class XcapConnection : IDisposable
{
    private const int MaxBytes = 1024 * 1024;

    private readonly HttpClient _http;
    private readonly XcapAccess _access;
    private readonly DigestCredentials _credentials;

    public XcapConnection(XcapAccess access)
    {
        _access = access;
        _credentials = new(access.Name, access.Password);

        // Who redirects could have the answer to his challenge sent to anybody.
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = MaxBytes,
        };
    }

    /// <summary>The answer to a request for that path below the root; fails with <see cref="XcapException"/>.</summary>
    public async Task<XcapAnswer> SendAsync(
        HttpMethod method, string path, XcapCondition condition = default, (string Type, byte[] Content)? body = null)
    {
        var uri = new Uri($"{_access.Root.AbsoluteUri.TrimEnd('/')}/{path}");
        try
        {
            using var first = await _http.SendAsync(Create(method, uri, condition, body, null));
            if (first.StatusCode != HttpStatusCode.Unauthorized || Answer(first, method, uri) is not { } proof)
                return await ReadAsync(first);

            using var second = await _http.SendAsync(Create(method, uri, condition, body, proof));
            return await ReadAsync(second);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or IOException)
        {
            throw new XcapException($"{uri.Authority} cannot be reached: {error.Message}", error);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Create(
        HttpMethod method, Uri uri, XcapCondition condition, (string Type, byte[] Content)? body, string? proof)
    {
        var request = new HttpRequestMessage(method, uri);
        if (_access.IdentityHeader is { } header)
            request.Headers.TryAddWithoutValidation(header, $"\"{_access.User}\"");
        if (proof is not null)
            request.Headers.TryAddWithoutValidation("Authorization", proof);
        if (condition.Header is { } name)
            request.Headers.TryAddWithoutValidation(name, condition.Tag);
        if (body is var (type, content))
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        return request;
    }

    private string? Answer(HttpResponseMessage refusal, HttpMethod method, Uri uri)
    {
        var asked = refusal.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var all) ? all.ToArray() : [];
        return DigestChallenge.Of(asked) is { } challenge
            ? _credentials.Answer(challenge, method.Method, uri.PathAndQuery, Token.New(16))
            : null;
    }

    private static async Task<XcapAnswer> ReadAsync(HttpResponseMessage response) =>
        new((int)response.StatusCode, response.ReasonPhrase ?? "", response.Headers.ETag?.ToString(),
            await response.Content.ReadAsByteArrayAsync());
}

/// <summary>What an XCAP server said.</summary>
internal sealed record XcapAnswer(int Status, string Reason, string? Tag, ReadOnlyMemory<byte> Content)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    public override string ToString() => $"{Status} {Reason}";
}

/// <summary>What must still hold for a change, RFC 4825 7.11.</summary>
internal readonly record struct XcapCondition(string? Header, string? Tag)
{
    /// <summary>There is no such document yet.</summary>
    public static XcapCondition IsNew { get; } = new("If-None-Match", "*");

    /// <summary>Nobody has changed the document since.</summary>
    public static XcapCondition Unchanged(string? tag) => tag is null ? default : new("If-Match", tag);
}
