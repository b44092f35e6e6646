using System.Text.Json;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Telemetry.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>One entry of the log, in each format.</summary>
public class LogLinesTests
{
    private static readonly AggregateId _conference = new("c-17");

    [Fact]
    public void A_line_of_text_has_time_level_category_and_both_ids()
    {
        var line = Refusal(new TextLineFormatter());

        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: ImSidecar\.Test\[208\] "
                + @"c-17: t1 refused with 403: no \(Call-ID a@b\)\n$",
            line);
    }

    [Fact]
    public void For_journald_the_level_stands_in_front_and_no_time()
    {
        Assert.Equal(
            "<6>ImSidecar.Test[208] c-17: t1 refused with 403: no (Call-ID a@b)\n",
            Refusal(new SystemdLineFormatter()));
    }

    [Fact]
    public void A_line_of_JSON_names_what_it_is_about()
    {
        var line = JsonDocument.Parse(Refusal(new JsonLineFormatter())).RootElement;

        Assert.True(line.GetProperty("time").GetDateTime() is { Kind: DateTimeKind.Utc } time
            && DateTime.UtcNow - time < TimeSpan.FromMinutes(1));
        Assert.Equal(
            ["Information", "ImSidecar.Test", "Refused", "c-17", "a@b", "c-17: t1 refused with 403: no (Call-ID a@b)"],
            new[] { "level", "category", "event", "conference", "callId", "message" }
                .Select(name => line.GetProperty(name).GetString()));
        Assert.Equal(208, line.GetProperty("eventId").GetInt32());
        Assert.Equal("403", line.GetProperty("data").GetProperty("code").GetString());
    }

    [Fact]
    public void What_is_no_conference_is_not_called_one()
    {
        var line = JsonDocument.Parse(Refusal(new JsonLineFormatter(), new("su-9"))).RootElement;

        Assert.Equal("su-9", line.GetProperty("aggregate").GetString());
        Assert.False(line.TryGetProperty("conference", out _));
    }

    [Fact]
    public void Whatever_a_peer_has_sent_an_entry_is_one_line()
    {
        const string hostile = "a\r\nfail: forged\u001b[2J";
        var failure = new InvalidOperationException("first\nsecond");

        foreach (var formatter in (ConsoleFormatter[])
            [new TextLineFormatter(), new SystemdLineFormatter(), new JsonLineFormatter()])
        {
            var line = Write(formatter, logger => logger.LogRefusal(hostile, failure));
            Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
            Assert.DoesNotContain('\u001b', line);
            Assert.Contains("second", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("8:12345", "socket:[12345]", true)]
    [InlineData("8:12345", "socket:[9]", false)]
    [InlineData("8:12345", "/var/log/imsidecar.log", false)]
    [InlineData(null, "socket:[12345]", false)]
    public void Journald_reads_along_when_the_output_is_its_socket(string? variable, string output, bool isJournal)
    {
        Assert.Equal(isJournal, Journal.IsStream(variable, output));
    }

    private static string Refusal(ConsoleFormatter formatter, AggregateId? id = null) => Write(
        formatter,
        logger => Server.Hosting.Log.Refused(logger, id ?? _conference, "t1", 403, "no", "a@b"));

    private static string Write(ConsoleFormatter formatter, Action<ILogger> log)
    {
        var written = new WrittenTo(formatter);
        log(written);
        return written.Text;
    }

    private sealed class WrittenTo(ConsoleFormatter formatter) : ILogger
    {
        public string Text { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter1)
        {
            using var text = new StringWriter();
            formatter.Write(
                new LogEntry<TState>(logLevel, "ImSidecar.Test", eventId, state, exception, formatter1), null, text);
            Text += text.ToString();
        }
    }
}

internal static partial class TestLog
{
    [LoggerMessage(1, LogLevel.Error, "Refused: {Text}")]
    public static partial void LogRefusal(this ILogger logger, string text, Exception exception);
}
