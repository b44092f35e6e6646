namespace ImSidecar.Server.Telemetry.Otlp;

/// <summary>How a collector is spoken to.</summary>
internal enum OtlpProtocol
{
    Grpc,

    /// <summary>Protocol Buffers by HTTP/1.1, below the path of the endpoint.</summary>
    Http,
}
