using System.Net.Sockets;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Lifecycle;

/// <summary>What the operator can mend, or what passes; anything else is a bug and shows its stack.</summary>
/// <param name="Code">Of <see cref="ExitCode"/>: a wrong configuration stays one, all else is tried again.</param>
internal sealed record StartTrouble(string Reason, int Code)
{
    public static StartTrouble? Of(Exception exception) => exception switch
    {
        AggregateException several when several.InnerExceptions.All(inner => Of(inner) is not null) =>
            Together([.. several.InnerExceptions.Select(inner => Of(inner)!)]),
        OptionsValidationException invalid => Wrong(string.Join("; ", invalid.Failures)),
        InvalidDataException unreadable => Wrong(unreadable.GetBaseException().Message),
        // The binder names the key, what it wraps the reason.
        InvalidOperationException { InnerException: FormatException or ArgumentException } conversion =>
            Wrong(conversion.Message + " " + conversion.GetBaseException().Message),
        // Somebody was faster than us after we had looked.
        IOException busy => Passing(busy.Message),
        UnauthorizedAccessException denied => Passing(denied.Message),
        SocketException socket => Passing("a socket cannot be opened: " + socket.Message),
        NodeNameTakenException taken => Wrong(taken.Message),
        StoreUnavailableException { IsOfAnother: true } store => Wrong(store.Message),
        StoreUnavailableException store => Passing(store.Message),
        _ => null,
    };

    private static StartTrouble Wrong(string reason) => new(reason, ExitCode.Configuration);

    private static StartTrouble Passing(string reason) => new(reason, ExitCode.Unavailable);

    private static StartTrouble Together(IReadOnlyList<StartTrouble> all) =>
        new(string.Join("; ", all.Select(each => each.Reason)), all.Max(each => each.Code));
}
