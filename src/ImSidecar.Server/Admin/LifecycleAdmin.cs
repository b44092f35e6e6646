using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Admin;

/// <summary>Takes the node out of service and into it again, has its configuration read, says how much it logs.</summary>
internal sealed class LifecycleAdmin(
    Drain drain, LogLevels levels, Func<Task<ReloadResult>> reload, ConferenceDirectory directory,
    ConferenceCounts counts)
{
    private const string AsConfigured = "Default";
    private const int LongestCategory = 256;
    private static readonly TimeSpan _longest = TimeSpan.FromDays(7);

    public Task<DrainResponse> DrainAsync(DrainRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        if (request is { HasOn: true, On: true })
            drain.Begin();
        else if (request.HasOn)
            drain.End();

        var answer = new DrainResponse
        {
            Draining = drain.IsOn,
            Conferences = directory.UnderWay,
            Participants = counts.Participants,
        };
        if (drain.Since is { } since)
            answer.Since = since.ToUnixTimeSeconds();
        return Task.FromResult(answer);
    }

    public async Task<ReloadResponse> ReloadAsync(ReloadRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var result = await reload();
        return new() { Applied = { result.Applied }, Refused = { result.Refused }, Errors = { result.Errors } };
    }

    public Task<LogLevelsResponse> LogLevelsAsync(LogLevelsRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        if (request.Category.Length > 0)
            Set(request);

        var answer = new LogLevelsResponse();
        foreach (var each in levels.Get())
        {
            var entry = new LogLevelEntry
            {
                Category = each.Category,
                Level = each.Level.ToString(),
                Set = each.IsSet,
            };
            if (each.Until is { } until)
                entry.Until = until.ToUnixTimeSeconds();
            answer.Levels.Add(entry);
        }

        return Task.FromResult(answer);
    }

    private void Set(LogLevelsRequest request)
    {
        if (request.Category.Length > LongestCategory || request.Category.Any(char.IsControl))
            throw AdminError.Invalid("That is no category");

        if (!LogLevels.IsCategory(request.Category))
            throw AdminError.Invalid("A category has one * at most");

        if (request.ForSeconds < 0 || request.ForSeconds > _longest.TotalSeconds)
            throw AdminError.Invalid("The time is between 0 and 7 days");

        if (request.Level.Equals(AsConfigured, StringComparison.OrdinalIgnoreCase))
        {
            levels.Clear(request.Category);
            return;
        }

        if (!Enum.TryParse<LogLevel>(request.Level, ignoreCase: true, out var level)
            || !Enum.IsDefined(level)
            || char.IsDigit(request.Level[0]))
            throw AdminError.Invalid(
                $"A level is one of {string.Join(", ", Enum.GetNames<LogLevel>())}, or {AsConfigured}");

        try
        {
            levels.Set(request.Category, level, Span(request.ForSeconds));
        }
        catch (InvalidOperationException full)
        {
            throw AdminError.TooMany(full.Message);
        }
    }

    private static TimeSpan? Span(long seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
}
