using System.Collections.Immutable;
using System.Diagnostics;
using Google.Protobuf.Collections;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Server.Plane;

/// <summary>A leg as msrp_switch.proto says it.</summary>
internal static class LegWire
{
    public static OpenMsrpLeg Write(MsrpLeg leg, ulong sequence)
    {
        var open = new OpenMsrpLeg
        {
            Sequence = sequence,
            SessionId = leg.SessionId,
            BridgeId = leg.BridgeId,
            LocalUri = leg.LocalUri.ToString(),
            RemotePath = { Texts(leg.RemotePath) },
            Connects = leg.Connects,
            AcceptTypes = { leg.AcceptTypes },
            AcceptWrappedTypes = { leg.AcceptWrappedTypes },
            Sends = leg.Sends,
            Receives = leg.Receives,
            Identities = { leg.Identities },
            Entity = leg.Entity,
            Address = leg.Address,
            IsAnonymous = leg.IsAnonymous,
            Room = { leg.Room },
            MayWritePrivately = leg.MayWritePrivately,
            TakesPrivateMessages = leg.TakesPrivateMessages,
            EndsHere = leg.EndsHere,
            MaxIncomingBytes = leg.MaxIncomingBytes,
            TakenTypes = { leg.TakenTypes },
            TakenWrappedTypes = { leg.TakenWrappedTypes },
            ConnectTo = leg.ConnectTo?.ToString() ?? "",
            Fingerprints = { leg.Fingerprints },
            Traceparent = leg.Trace == default ? "" : TraceParent(leg.Trace),
        };
        if (leg.MaxSize is { } maxSize)
            open.MaxSize = maxSize;
        if (leg.ConnectWithin is { } within)
            open.ConnectWithinMs = (long)within.TotalMilliseconds;
        return open;
    }

    /// <summary>Null when an URI in it is none, or the session id is not that of the local one.</summary>
    public static MsrpLeg? Read(OpenMsrpLeg open)
    {
        if (!MsrpUri.TryParse(open.LocalUri, out var local) || local.SessionId != open.SessionId
            || !TryReadPath(open.RemotePath, out var remotePath))
            return null;

        MsrpUri? connectTo = null;
        if (open.ConnectTo.Length > 0 && !MsrpUri.TryParse(open.ConnectTo, out connectTo))
            return null;

        return new()
        {
            SessionId = open.SessionId,
            BridgeId = open.BridgeId,
            LocalUri = local,
            RemotePath = remotePath,
            Connects = open.Connects,
            AcceptTypes = [.. open.AcceptTypes],
            AcceptWrappedTypes = [.. open.AcceptWrappedTypes],
            MaxSize = open.HasMaxSize ? open.MaxSize : null,
            Sends = open.Sends,
            Receives = open.Receives,
            ConnectWithin = open.HasConnectWithinMs ? TimeSpan.FromMilliseconds(open.ConnectWithinMs) : null,
            Identities = [.. open.Identities],
            Entity = open.Entity,
            Address = open.Address,
            IsAnonymous = open.IsAnonymous,
            Room = [.. open.Room],
            MayWritePrivately = open.MayWritePrivately,
            TakesPrivateMessages = open.TakesPrivateMessages,
            EndsHere = open.EndsHere,
            MaxIncomingBytes = open.MaxIncomingBytes,
            TakenTypes = [.. open.TakenTypes],
            TakenWrappedTypes = [.. open.TakenWrappedTypes],
            ConnectTo = connectTo,
            Fingerprints = [.. open.Fingerprints],
            Trace = ActivityContext.TryParse(open.Traceparent, null, out var trace) ? trace : default,
        };
    }

    // W3C Trace Context 3.2.
    private static string TraceParent(ActivityContext trace) =>
        $"00-{trace.TraceId}-{trace.SpanId}-{(byte)trace.TraceFlags:x2}";

    private static IEnumerable<string> Texts(ImmutableArray<MsrpUri> path) => path.Select(uri => uri.ToString());

    private static bool TryReadPath(RepeatedField<string> texts, out ImmutableArray<MsrpUri> path)
    {
        var uris = ImmutableArray.CreateBuilder<MsrpUri>(texts.Count);
        path = [];
        foreach (var text in texts)
        {
            if (!MsrpUri.TryParse(text, out var uri))
                return false;

            uris.Add(uri);
        }

        path = uris.MoveToImmutable();
        return true;
    }
}
