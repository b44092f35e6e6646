using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>Keeps what the library logs.</summary>
internal sealed class CollectedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> _lines = [];

    public IReadOnlyCollection<(LogLevel Level, string Text, Exception? Exception)> Lines => [.. _lines];

    public IReadOnlyCollection<(LogLevel Level, string Text, Exception? Exception)> Errors =>
        [.. _lines.Where(line => line.Level >= LogLevel.Error)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception), exception));

    public void Dispose()
    {
    }
}
