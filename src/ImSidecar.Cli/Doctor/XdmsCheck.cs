namespace ImSidecar.Cli.Doctor;

/// <summary>Documents of groups and users can be had: the XDMS answers HTTP, whatever it says.</summary>
internal static class XdmsCheck
{
    private const string Check = "xdms";
    private const string Capabilities = "xcap-caps/global/index";

    public static async Task<Finding> RunAsync(Installation it, CancellationToken cancellation)
    {
        var isRemote = it.Settings["Xdm:Mode"].Equals("Remote", StringComparison.OrdinalIgnoreCase);
        if (isRemote && it.Status?.Xdms == "failing")
            return Finding.Fail(
                Check, $"The sidecar gets no documents from {it.Settings["XcapClient:Root"]}",
                "is that XDMS up, and does it let XcapClient:AssertedIdentity in? The log says what it answered");

        var root = isRemote ? it.Settings["XcapClient:Root"] : OwnRoot(it);
        if (!Uri.TryCreate(root, UriKind.Absolute, out var uri))
            return Finding.Fail(Check, "There is no XCAP root", "XcapClient:Root or XcapServer:Root");

        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                Timeout = TimeSpan.FromSeconds(5),
            };
            using var response = await http.GetAsync(new Uri(uri, Capabilities), cancellation);
            var status = (int)response.StatusCode;
            return status >= 500
                ? Finding.Fail(Check, $"{uri} answers {status}", "look at the log of that server")
                : Finding.Ok(Check, $"{uri} answers ({(isRemote ? "remote" : "embedded")}, {status})");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException
            && !cancellation.IsCancellationRequested)
        {
            var why = failure is HttpRequestException ? failure.Message : "no answer within 5 s";
            return Finding.Fail(Check, $"{uri} cannot be reached: {why}", isRemote
                ? "is that XDMS up? Is XcapClient:Root right?" : "Http:Listen is where it is served: see ports");
        }
    }

    /// <summary>As it is reached here, whatever a proxy before it is called.</summary>
    private static string OwnRoot(Installation it) =>
        Uri.TryCreate(it.Settings["XcapServer:Root"], UriKind.Absolute, out var root)
            ? $"http://{it.Settings["Http:Listen"]}{root.AbsolutePath}" : "";
}
