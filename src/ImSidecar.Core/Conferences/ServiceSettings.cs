namespace ImSidecar.Core.Conferences;

/// <summary>How the service is for a user, as he or the operator has set it.</summary>
public sealed record ServiceSettings
{
    public static readonly ServiceSettings Default = new();

    /// <summary>False: he neither sends nor gets anything.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>False: for others he is not there; the vis-status.</summary>
    public bool IsVisible { get; init; } = true;

    /// <summary>How he wants what was kept for him; null: as the operator has it for all.</summary>
    public DeferredDelivery? Delivery { get; init; }
}
