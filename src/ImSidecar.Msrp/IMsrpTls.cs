namespace ImSidecar.Msrp;

/// <summary>TLS of this process, whose files an operator may name anew while it runs.</summary>
public interface IMsrpTls
{
    /// <summary>Reads the files that are named; what is wrong with them, or null.</summary>
    string? Prepare(MsrpTlsOptions options);

    /// <summary>What was prepared last holds for who connects from now on.</summary>
    void Take();
}
