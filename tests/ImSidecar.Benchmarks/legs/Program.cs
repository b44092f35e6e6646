using System.Globalization;
using ImSidecar.Benchmarks.Legs;
using ImSidecar.Msrp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// The switch alone, with legs that a conference would have opened: ImSidecar.Benchmarks.Legs LISTEN BRIDGES LEGS.
if (args is not [var listen, var first, var second]
    || !int.TryParse(first, CultureInfo.InvariantCulture, out var bridges)
    || !int.TryParse(second, CultureInfo.InvariantCulture, out var legs))
{
    Console.Error.WriteLine("usage: ImSidecar.Benchmarks.Legs LISTEN BRIDGES LEGS, as many legs in each bridge");
    return 64;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Configuration.AddInMemoryCollection(
    [new("Msrp:Listen", listen), new("Msrp:MaxConnections", "100000"), new("Msrp:BindTimeout", "01:00:00")]);
builder.Services.AddMsrpSwitch(builder.Configuration);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenMsrp());

await using var application = builder.Build();
await application.StartAsync();
var opened = application.Services.GetRequiredService<IMsrpSwitch>();
Console.WriteLine($"before {Environment.WorkingSet / 1024}");
for (var leg = 0; leg < bridges * legs; leg++)
    await opened.OpenLegAsync(BenchLeg.Of(leg, leg / legs, listen));

// What happens to legs has to be read, or it piles up.
_ = Task.Run(async () =>
{
    while (await opened.Events.WaitToReadAsync())
        opened.Events.TryRead(out _);
});
Console.WriteLine("ready");
await ((IHost)application).WaitForShutdownAsync();
return 0;
