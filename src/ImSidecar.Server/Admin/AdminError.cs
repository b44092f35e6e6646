using ImSidecar.Grpc;

namespace ImSidecar.Server.Admin;

/// <summary>Why an operator gets no answer: a sentence for him, and a status for scripts.</summary>
internal static class AdminError
{
    public static GrpcStatusException Invalid(string sentence) => new(GrpcStatusCode.InvalidArgument, sentence);

    public static GrpcStatusException NotFound(string sentence) => new(GrpcStatusCode.NotFound, sentence);

    public static GrpcStatusException Refused(string sentence) => new(GrpcStatusCode.FailedPrecondition, sentence);

    public static GrpcStatusException Unavailable(string sentence) => new(GrpcStatusCode.Unavailable, sentence);

    public static GrpcStatusException TooMany(string sentence) => new(GrpcStatusCode.ResourceExhausted, sentence);
}
