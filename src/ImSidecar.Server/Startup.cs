using System.Reflection;
using ImSidecar.Server.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server;

/// <summary>Reads the command line and the configuration file, and turns a failed start into one clear line.</summary>
internal static class Startup
{
    private const int ConfigurationError = 78; // EX_CONFIG of sysexits.h
    private static readonly string _defaultFile = "/etc/imsidecar/imsidecar.json";

    public static async Task<int> RunAsync(string[] arguments, Func<string[], WebApplication> build)
    {
        if (arguments is ["--version"])
        {
            Console.WriteLine("imsidecar " + ProductVersion.Text);
            return 0;
        }

        try
        {
            await using var app = build(arguments);
            await app.RunAsync();
            return 0;
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it started.
            return 0;
        }
        catch (Exception exception) when (Explain(exception) is { } reason)
        {
            await Console.Error.WriteLineAsync($"imsidecar: {reason} (configuration: {FileOf(arguments)})");
            return ConfigurationError;
        }
    }

    public static WebApplicationBuilder CreateBuilder(string[] arguments)
    {
        // A content root outside the working directory: watching "/" makes the start slow.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = Assembly.GetExecutingAssembly().GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.Sources.Clear();
        builder.Configuration
            .AddJsonFile(FileOf(arguments), optional: false, reloadOnChange: false)
            .AddEnvironmentVariables("IMSIDECAR_")
            .AddCommandLine(arguments);
        ConfigurationKeys.Check(builder.Configuration);
        builder.Logging
            .ClearProviders()
            .AddConfiguration(builder.Configuration.GetSection("Logging"))
            // A failed start is told by RunAsync, in one line.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
            });
        return builder;
    }

    private static string FileOf(string[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--config" && i + 1 < arguments.Length)
                return Path.GetFullPath(arguments[i + 1]);
            if (arguments[i].StartsWith("--config=", StringComparison.Ordinal))
                return Path.GetFullPath(arguments[i]["--config=".Length..]);
        }

        return _defaultFile;
    }

    // What the operator can mend; anything else is a bug and shows its stack.
    internal static string? Explain(Exception exception) => exception switch
    {
        AggregateException several when several.InnerExceptions.All(inner => Explain(inner) is not null) =>
            string.Join("; ", several.InnerExceptions.Select(Explain)),
        OptionsValidationException invalid => string.Join("; ", invalid.Failures),
        FileNotFoundException { FileName: null } => "the configuration file does not exist",
        InvalidDataException unreadable => unreadable.GetBaseException().Message,
        // The binder names the key, what it wraps the reason.
        InvalidOperationException { InnerException: FormatException or ArgumentException } conversion =>
            conversion.Message + " " + conversion.GetBaseException().Message,
        IOException busy => busy.Message,
        System.Net.Sockets.SocketException socket =>
            "Gateway:Socket, Admin:Socket, Http:Listen, Http:TlsListen, Msrp:Listen, Msrp:TlsListen or Relay: " + socket.Message,
        Stores.StoreUnavailableException store => store.Message,
        _ => null,
    };
}
