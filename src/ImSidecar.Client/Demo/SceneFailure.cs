namespace ImSidecar.Client.Demo;

/// <summary>A step of the scene did not go as it should; the text says why.</summary>
internal sealed class SceneFailure(string why) : Exception(why);
