using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>What an action weighs in memory and on the stream, near enough to bound both.</summary>
internal static class ActionSize
{
    private const int Frame = 512;

    public static int Of(SipAction action) => Frame + action.ActionCase switch
    {
        SipAction.ActionOneofCase.Reply => action.Reply.Body.Length + Of(action.Reply.Headers),
        SipAction.ActionOneofCase.Originate => action.Originate.Body.Length + Of(action.Originate.Headers),
        SipAction.ActionOneofCase.Ack => action.Ack.Body.Length + Of(action.Ack.Headers),
        _ => 0,
    };

    private static int Of(Google.Protobuf.Collections.RepeatedField<Header> headers)
    {
        var size = 0;
        // Its enumerator would be an object, twice for each action.
        for (var i = 0; i < headers.Count; i++)
            size += headers[i].Name.Length + headers[i].Value.Length + 8;
        return size;
    }
}
