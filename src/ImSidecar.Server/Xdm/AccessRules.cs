using System.Collections.Immutable;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm;

/// <summary>
/// Access rules and block lists of users with all they refer to, compiled, and kept until one of those documents
/// changes: what a request asks costs a look-up.
/// </summary>
internal sealed class AccessRules : IDisposable
{
    private const string FileName = "access-rules";

    private readonly CompiledDocuments<Compiled> _compiled;
    private readonly ILogger _logger;
    private readonly ImmutableArray<string> _roots;

    public AccessRules(IXdmDocuments documents, XdmOptions options, ILogger<AccessRules> logger)
    {
        _logger = logger;
        _roots = [.. options.Roots];
        _compiled = new(documents, options.MaxUsers, ReadAsync, Unavailable);
    }

    /// <summary>The user's rules, or why they cannot be used; without documents they say nothing.</summary>
    public async ValueTask<(ResolvedUser? User, string Problem)> OfAsync(SipUri user)
    {
        var compiled = await _compiled.OfAsync(user.AddressKey);
        return (compiled.User, compiled.Problem);
    }

    public void Dispose() => _compiled.Dispose();

    private async ValueTask<Compiled> ReadAsync(CompiledDocuments<Compiled>.Reading reading)
    {
        RuleSet? rules = null;
        var document = await reading.ReadAsync(new(ApplicationUsage.AccessRules, reading.Key, FileName));
        if (document is not null && !RuleSetXml.TryParse(document.Content, out rules, out var error))
        {
            Log.UserProblem(_logger, reading.Key, error);
            return new(null, "Rules of the user cannot be used");
        }

        var loaded = new Dictionary<DocumentSelector, ReferencedDocument>();
        while (true)
        {
            var expansion = ResolvedUser.Expand(reading.Key, rules, loaded, _roots);
            if (expansion.Resolved is { } user)
                return new(user, "");

            foreach (var missing in expansion.Missing)
                loaded.Add(missing, Groups.Referenced(await reading.ReadAsync(missing)));
        }
    }

    private Compiled Unavailable(string user, Exception error)
    {
        if (error is XdmUnavailableException)
            Log.UserUnavailable(_logger, user, error.Message);
        else
            Log.UserFailed(_logger, user, error);
        return new(null, "Rules of the user are not available");
    }

    /// <summary>A user as he was read, or why he could not be.</summary>
    private sealed record Compiled(ResolvedUser? User, string Problem);
}
