using System.Reflection;

namespace ImSidecar.Server;

/// <summary>The version of this build as Server, User-Agent and NodeHello show it.</summary>
internal static class ProductVersion
{
    public static readonly string Text = typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
