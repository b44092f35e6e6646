namespace ImSidecar.Msrp.Switch;

/// <summary>What stands before the content of a message in each form, when it is not what the sender wrote.</summary>
internal readonly record struct Opening(byte[]? Cpim, byte[]? Bare)
{
    public bool IsSet => Cpim is not null || Bare is not null;
}
