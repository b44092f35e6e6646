using System.Diagnostics;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Tracing;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>
/// The XDMS with its weaknesses: it is asked again, waited for no longer than it is worth, asked little at a time, and
/// left alone when it does not answer.
/// </summary>
internal sealed class RemoteXdms : IDisposable
{
    private readonly XcapClient _client;
    private readonly XdmsHealth _health;
    private readonly TimeSpan _longestWait;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ResiliencePipeline<XcapAnswer> _pipeline;
    private readonly SemaphoreSlim _places;
    private long _sent;

    public RemoteXdms(XcapClientOptions options, XdmsHealth health, TimeProvider time)
    {
        _client = new(options);
        _health = health;
        _longestWait = options.Timeout;
        _pipeline = CreatePipeline(options, time, _breaker);
        _places = new(options.MaxConcurrent);
    }

    /// <summary>GETs sent, repeated ones counted.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>True while it is not asked, or only to see whether it answers again.</summary>
    public bool IsLeftAlone => _breaker.CircuitState is not CircuitState.Closed;

    /// <summary>Throws <see cref="XcapFailureException"/> when there is no answer that can be used.</summary>
    public async Task<XcapAnswer> GetAsync(DocumentSelector selector, string? tag, CancellationToken cancellation)
    {
        if (!await _places.WaitAsync(_longestWait, cancellation))
            throw new XcapFailureException(XcapFailure.Unreachable, "too many requests to the XDMS wait");

        using var part = Traces.Part("xdms.get");
        part?.SetTag("xdm.auid", selector.Auid);
        var began = Stopwatch.GetTimestamp();
        try
        {
            var answer = await _pipeline.ExecuteAsync(
                static async (get, token) =>
                {
                    Interlocked.Increment(ref get.Xdms._sent);
                    return await get.Xdms._client.GetAsync(get.Selector, get.Tag, token);
                },
                (Xdms: this, Selector: selector, Tag: tag),
                cancellation);
            _health.IsWell();
            Instruments.LookedUp("answered", Stopwatch.GetElapsedTime(began));
            return answer;
        }
        catch (BrokenCircuitException exception)
        {
            Instruments.LookedUp("left_alone", Stopwatch.GetElapsedTime(began));
            throw new XcapFailureException(
                XcapFailure.Unreachable, "the XDMS did not answer and is left alone for a while", exception);
        }
        catch (TimeoutRejectedException exception)
        {
            const string Reason = "the XDMS does not answer in time";
            _health.Fails(Reason);
            Instruments.LookedUp("timeout", Stopwatch.GetElapsedTime(began));
            throw new XcapFailureException(XcapFailure.Unreachable, Reason, exception);
        }
        catch (XcapFailureException failure)
        {
            Instruments.LookedUp("failed", Stopwatch.GetElapsedTime(began));
            if (failure.Failure is XcapFailure.Unreachable or XcapFailure.Unauthorized)
                _health.Fails(failure.Message);
            else
                _health.IsWell();
            throw;
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _client.Dispose();

    private static ResiliencePipeline<XcapAnswer> CreatePipeline(
        XcapClientOptions options, TimeProvider time, CircuitBreakerStateProvider breaker)
    {
        var builder = new ResiliencePipelineBuilder<XcapAnswer> { TimeProvider = time };
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<XcapAnswer>
            {
                ShouldHandle = call => ValueTask.FromResult(IsWorthAnotherTry(call.Outcome.Exception)),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
            });
        }

        return builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<XcapAnswer>
            {
                ShouldHandle = call => ValueTask.FromResult(
                    IsWorthAnotherTry(call.Outcome.Exception)
                    || call.Outcome.Exception is XcapFailureException { Failure: XcapFailure.Unauthorized }),
                FailureRatio = 0.8,
                MinimumThroughput = 3,
                // One document that is asked for in vain, with its repetitions, is enough.
                SamplingDuration = (5 * options.Timeout) + TimeSpan.FromSeconds(5),
                BreakDuration = options.BreakFor,
                StateProvider = breaker,
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    private static bool IsWorthAnotherTry(Exception? exception) =>
        exception is TimeoutRejectedException or XcapFailureException { Failure: XcapFailure.Unreachable };
}
