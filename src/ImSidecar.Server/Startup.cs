using System.Reflection;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Telemetry.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server;

/// <summary>
/// Does what the command line asks for. Whatever keeps the process from starting is told on standard error, a line for
/// each reason, before anything is opened.
/// </summary>
internal static class Startup
{
    // Effects that are saved are performed by the next process: nobody has to wait for slow peers.
    private static readonly TimeSpan _stopsWithin = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] arguments, params Role[] roles)
    {
        if (!CommandLine.TryParse(arguments, out var line, out var error))
            return Refuse([error], ExitCode.Usage);

        if (line.Asked is Asked.Help or Asked.Version)
        {
            Console.WriteLine(line.Asked == Asked.Help ? CommandLine.Help : "imsidecar " + ProductVersion.Text);
            return ExitCode.Done;
        }

        var role = roles.Single(each => each.Name == line.Role);
        try
        {
            return line.Asked switch
            {
                Asked.Check => Check(new(line), role),
                Asked.Import => await ImportAsync(new(line), role, line.Import),
                _ => await StartAsync(new(line), role),
            };
        }
        catch (Exception exception) when (StartTrouble.Of(exception) is { } trouble)
        {
            return Refuse([$"{trouble.Reason} (configuration: {line.File})"], trouble.Code);
        }
        catch (Exception bug)
        {
            return Refuse([bug.ToString()], ExitCode.Bug);
        }
    }

    private static int Check(ConfigurationSource source, Role role)
    {
        if (source.TryLoad(out var error) is not { } configuration)
            return Refuse([error], ExitCode.Configuration);

        var complaints = ConfigurationCheck.Complaints(configuration, role);
        foreach (var warning in ConfigurationWarnings.Of(configuration, role))
            Console.Error.WriteLine("imsidecar: warning: " + source.Place(warning, configuration));
        if (complaints.Count > 0)
            return Refuse(complaints.Select(each => source.Place(each, configuration)), ExitCode.Configuration);

        Console.WriteLine(source.File + ": well");
        return ExitCode.Done;
    }

    private static async Task<int> ImportAsync(ConfigurationSource source, Role role, string file)
    {
        if (source.TryLoad(out var error) is not { } configuration)
            return Refuse([error], ExitCode.Configuration);

        var complaints = ConfigurationCheck.Complaints(configuration, role);
        if (complaints.Count > 0)
            return Refuse(complaints.Select(each => source.Place(each, configuration)), ExitCode.Configuration);

        if (StoreImport.Of(configuration, file) is not { } import)
            return Refuse(["Store:Connection is not set: there is nothing to import into"], ExitCode.Configuration);

        foreach (var (table, rows) in await import.RunAsync(CancellationToken.None))
            Console.WriteLine($"{table}: {rows}");
        return ExitCode.Done;
    }

    private static async Task<int> StartAsync(ConfigurationSource source, Role role)
    {
        if (source.TryLoad(out var error) is not { } configuration)
            return Refuse([error], ExitCode.Configuration);

        var complaints = ConfigurationCheck.Complaints(configuration, role);
        if (complaints.Count > 0)
            return Refuse(complaints.Select(each => source.Place(each, configuration)), ExitCode.Configuration);

        complaints = [.. DoorCheck.Complaints(role.Doors(configuration))];
        if (complaints.Count > 0)
            return Refuse(complaints.Select(each => source.Place(each, configuration)), ExitCode.Unavailable);

        var builder = CreateBuilder(source);
        builder.Services.AddSingleton(role);
        role.Add(builder.Services, builder.Configuration);
        role.Listen(builder.WebHost);
        await using var app = builder.Build();
        app.UseRouting();
        role.Map(app);
        try
        {
            await app.StartAsync();
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while it started.
        }

        return FailedServices.Tell(app.Services) ? ExitCode.Bug : ExitCode.Done;
    }

    internal static WebApplicationBuilder CreateBuilder(ConfigurationSource source)
    {
        // A content root outside the working directory: watching "/" makes the start slow.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = Assembly.GetExecutingAssembly().GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.Sources.Clear();
        source.AddTo(builder.Configuration);
        builder.Services.AddLifecycle(source, builder.Configuration, _stopsWithin);
        builder.Logging
            .ClearProviders()
            // A failed start is told by RunAsync, a failed service by FailedServices.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddLogLines(builder.Configuration);
        return builder;
    }

    private static int Refuse(IEnumerable<string> reasons, int code)
    {
        foreach (var reason in reasons)
            Console.Error.WriteLine("imsidecar: " + reason);
        return code;
    }
}
