using ImSidecar.Grpc;
using ImSidecar.Server;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Options;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Diff;
using ImSidecar.Server.Xdm.Embedded;
using Microsoft.AspNetCore.Builder;

if (args is [MsrpPlane.Role, .. var others])
    return await Startup.RunAsync(others, MsrpPlane.Build);

return await Startup.RunAsync(args, arguments =>
{
    var builder = Startup.CreateBuilder(arguments);
    builder.Services.AddStores(builder.Configuration);
    builder.Services.AddDeferredStore(builder.Configuration);
    builder.Services.AddXdm(builder.Configuration);
    builder.Services.AddMsrp(builder.Configuration);
    builder.Services.AddGateway(builder.Configuration);
    builder.Services.AddConferences(builder.Configuration);
    builder.Services.AddParticipating(builder.Configuration);
    builder.Services.AddDeferredMessages(builder.Configuration);
    builder.Services.AddXcapDiff();
    builder.Services.AddAdmin(builder.Configuration);
    builder.Services.AddHttp(builder.Configuration);
    builder.Services.AddTelemetry(builder.Configuration);
    builder.WebHost.ConfigureListeners();

    var app = builder.Build();
    app.UseRouting();
    app.MapGateway();
    app.MapAdmin();
    app.MapXcapServer();
    app.MapHealth();
    app.MapTelemetry();
    app.MapMsrp();
    return app;
});
