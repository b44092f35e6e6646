using ImSidecar.Server;
using ImSidecar.Server.Plane;

return await Startup.RunAsync(args, Sidecar.Role, MsrpPlane.Role);
