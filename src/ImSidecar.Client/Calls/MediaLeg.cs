using System.Net;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Calls;

/// <summary>Offer and answer for the MSRP session of one call, RFC 3264, RFC 4975 8 and RFC 6135.</summary>
internal sealed class MediaLeg(IPAddress address, MsrpOptions options, Action<ProtocolViolation> report)
{
    public const string ContentType = "application/sdp";

    private readonly long _id = Random.Shared.NextInt64(1, int.MaxValue);
    private SessionDescription? _local;
    private MsrpMedia? _remote;
    private int _version = 1;
    private bool _isActive;

    public MsrpSession Session { get; } = new(address, options, report);

    /// <summary>What we said last, for a re-INVITE or its answer that changes nothing.</summary>
    public byte[]? Current => _local?.ToBytes();

    public byte[] Offer()
    {
        _local ??= SessionDescription.Offer(
            _id, 1, address.ToString(), Local(options.OfferedSetup) with { Direction = options.OfferedDirection });
        return _local.ToBytes();
    }

    /// <summary>Our answer, or null with the reason when the offer holds no MSRP we can take.</summary>
    public byte[]? Answer(ReadOnlySpan<byte> offer, out string error)
    {
        error = "the offer holds no MSRP session";
        if (!SessionDescription.TryParse(offer, out var description)
            || !description.TryFindMsrp(MayTake, out var index, out var media))
            return null;

        _remote = media;
        Session.Secure(media.IsTls);
        _isActive = media.Setup switch
        {
            SetupRole.Passive => true,
            SetupRole.ActPass => options.WebSocket is not null || options.PreferredSetup != SetupRole.Passive,
            _ => false,
        };
        SetupRole? setup = media.Setup is null ? null : _isActive ? SetupRole.Active : SetupRole.Passive;
        var local = Local(setup) with { Direction = Mirrored(media.Direction) };
        var answer = SessionDescription.Answer(description, _id, _version, address.ToString(), index, local);

        // RFC 3264 8: what is not the same has the next version.
        if (_local is not null && _local.ToString() != answer.ToString())
            answer = answer.WithVersion(++_version);

        _local = answer;
        return answer.ToBytes();
    }

    /// <summary>False if the answer cannot be one to our offer.</summary>
    public bool TakeAnswer(ReadOnlySpan<byte> answer)
    {
        if (!SessionDescription.TryParse(answer, out var description) || description.Media.Length != 1
            || !description.TryFindMsrp(out _, out var media) || media.IsTls != Session.Local.IsSecure)
            return false;

        _remote = media;
        _isActive = (options.OfferedSetup, media.Setup) switch
        {
            (_, SetupRole.Passive) => true,
            (_, SetupRole.Active) => false,
            (SetupRole.Passive, _) => false,
            _ => true,
        };
        return true;
    }

    /// <summary>Our answer to a re-INVITE: without a connection it may move the session.</summary>
    public byte[]? AnswerAgain(ReadOnlySpan<byte> offer)
    {
        if (options.RenewsPath && !Session.IsConnected)
            Session.Renew();
        return Answer(offer, out _);
    }

    /// <summary>An offer of another path to us, RFC 3264 8.3.1.</summary>
    public byte[] OfferMoved(IReadOnlyList<string>? acceptWrappedTypes)
    {
        Session.Renew();
        var local = Local(options.OfferedSetup);
        if (acceptWrappedTypes is not null)
            local = local with { AcceptWrappedTypes = [.. acceptWrappedTypes] };
        _local = SessionDescription.Offer(_id, ++_version, address.ToString(), local);
        return _local.ToBytes();
    }

    /// <summary>The other path holds: by another connection, or by the one there is.</summary>
    public Task MovedAsync(bool keepsConnection) => Session.MoveAsync(_remote!, _isActive, keepsConnection);

    /// <summary>Begins, or begins anew when the peer's path has changed.</summary>
    public Task StartAsync() =>
        _remote is null || Session.Remote is { } known && known.Path.SequenceEqual(_remote.Path)
            ? Task.CompletedTask
            : Session.StartAsync(_remote, _isActive);

    /// <summary>After a re-INVITE: begins anew when there is no connection either.</summary>
    public Task StartAgainAsync() =>
        _remote is null || Session.IsConnected || !options.ConnectsOnReinvite ? StartAsync() : Session.StartAsync(_remote, _isActive);

    // RFC 3264 6.1
    private static MediaDirection Mirrored(MediaDirection theirs) => theirs switch
    {
        MediaDirection.SendOnly => MediaDirection.RecvOnly,
        MediaDirection.RecvOnly => MediaDirection.SendOnly,
        _ => theirs,
    };

    // A browser has the TLS of its WebSocket, and cannot be connected to.
    private bool MayTake(MsrpMedia offered) => options.WebSocket is not null
        ? offered.Setup is not SetupRole.Active
        : options.Tls is not null || options.Relay is not null || !offered.IsTls;

    private MsrpMedia Local(SetupRole? setup) => new()
    {
        IsTls = Session.Path[0].IsSecure,
        Fingerprints = Session.Local.IsSecure && options is { Tls: { } tls, WebSocket: null, Relay: null }
            ? [tls.Fingerprint] : [],
        IsCema = options.IsCema,
        Port = Session.Path[0].EffectivePort,
        Path = Session.Path,
        AcceptTypes = [.. options.AcceptTypes],
        AcceptWrappedTypes = [.. options.AcceptWrappedTypes],
        MaxSize = options.MaxSize,
        Setup = options.WebSocket is null ? setup : SetupRole.Active,
        ChatRoom = options.ChatRoom is { } tokens ? [.. tokens] : null,
    };
}
