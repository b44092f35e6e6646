using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Deferred;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>Encryption at rest, and rows that somebody changed.</summary>
public abstract partial class DeferredStoreContract
{
    private readonly List<string> _keyFiles = [];

    [Fact]
    public async Task What_people_wrote_is_not_in_the_database_and_is_read_again()
    {
        await ReopenAsync(KeyFile());
        var message = Message("k1") with
        {
            Subject = "tell nobody",
            Content = new("Lunch?"u8.ToArray(), "SEND"u8.ToArray()),
        };
        await KeptAsync(message);
        await KeptAsync(message with { Key = "k2" });

        var stored = await BytesAsync("SELECT subject FROM message WHERE number = 1");
        Assert.DoesNotContain("nobody", Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        var first = await BytesAsync("SELECT content FROM message WHERE number = 1");
        Assert.DoesNotContain("Lunch", Encoding.Latin1.GetString(first), StringComparison.Ordinal);
        Assert.NotEqual(first, await BytesAsync("SELECT content FROM message WHERE number = 2"));
        AssertSame(message with { Number = 1 }, (await ReadAsync())[0]);
        Assert.Equal(["tell nobody", "tell nobody"], (await ListAsync()).Select(entry => entry.Subject));
        Assert.Equal(new(2, 20), await Store.CountAsync(Alice, Cancel));
    }

    [Theory]
    [InlineData("UPDATE message SET owner = {bob} WHERE number = 1")]
    [InlineData("UPDATE message SET key = {other} WHERE number = 1")]
    [InlineData("UPDATE message SET sip_size = sip_size - 1 WHERE number = 1")]
    [InlineData("UPDATE message SET content = subject WHERE number = 1")]
    [InlineData("UPDATE message SET content = (SELECT content FROM message WHERE number = 2) WHERE number = 1")]
    [InlineData("UPDATE message SET content = {other} WHERE number = 1")]
    [InlineData("UPDATE message SET key_id = '0000000000000000' WHERE number = 1")]
    public async Task A_row_that_somebody_changed_is_told_once_not_delivered_and_not_deleted(string tampering)
    {
        await ReopenAsync(KeyFile());
        await KeptAsync(Message("k1"));
        await KeptAsync(Message("k2"));

        await RunAsync(tampering
            .Replace("{bob}", Literal(Encoding.UTF8.GetBytes(Bob)), StringComparison.Ordinal)
            .Replace("{other}", Literal([1, 2, 3]), StringComparison.Ordinal));

        var mine = tampering.Contains("{bob}", StringComparison.Ordinal) ? Bob : Alice;
        Assert.Equal([2], (await ReadAsync()).Select(message => message.Number));
        Assert.Equal(mine == Alice ? [2] : (long[])[], (await ReadAsync(mine)).Select(message => message.Number));
        Assert.Null(await Store.FindAsync(mine, 1, Cancel));
        Assert.Null(await Store.FindAsync(mine, 1, Cancel));
        Assert.Equal(2, await ScalarAsync("SELECT count(*) FROM message"));
        var line = Assert.Single(Collected.Errors).Text;
        Assert.StartsWith($"Deferred message 1 of {mine} cannot be read: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("about", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_does_not_hide_what_is_behind_it()
    {
        await ReopenAsync(KeyFile());
        foreach (var number in Enumerable.Range(1, 7))
            await KeptAsync(Message("k" + number));
        await RunAsync($"UPDATE message SET content = {Literal([1])}, subject = {Literal([1])} WHERE number < 7");

        Assert.Equal([7], (await Store.ReadAsync(Alice, 0, 2, 100, Now, Cancel)).Select(message => message.Number));
        Assert.Equal([7], (await Store.ListAsync(Alice, 0, 2, Now, Cancel)).Select(entry => entry.Number));
        Assert.Equal(6, Collected.Errors.Count);
        Assert.Equal(7, await RemoveAsync([1, 2, 3, 4, 5, 6, 7]));
    }

    [Fact]
    public async Task After_a_change_of_keys_what_was_kept_before_is_read_until_its_key_is_gone()
    {
        await KeptAsync(Message("plain"));
        var (old, current) = (KeyFile(), KeyFile(isHexadecimal: true));
        await ReopenAsync(old);
        await KeptAsync(Message("old"));

        await ReopenAsync(current, old);
        await KeptAsync(Message("new"));
        Assert.Equal(["plain", "old", "new"], (await ReadAsync()).Select(message => message.Key));
        Assert.Equal(2, await ScalarAsync("SELECT count(DISTINCT key_id) FROM message"));

        await ReopenAsync(current);
        Assert.Equal(["plain", "new"], (await ReadAsync()).Select(message => message.Key));
        Assert.Contains("no file of DeferredStore:KeyFiles has its key", Assert.Single(Collected.Errors).Text);
        Assert.Equal(3, (await Store.CountAsync(Alice, Cancel)).Messages);
        Assert.Equal(Deferral.Known, await AddAsync(Message("old")));
    }

    /// <summary>Bytes out of the database, past the store.</summary>
    private protected abstract Task<byte[]> BytesAsync(string sql);

    private protected abstract Task RunAsync(string sql);

    private protected abstract string Literal(byte[] bytes);

    private async Task<IReadOnlyList<DeferredEntry>> ListAsync() => await Store.ListAsync(Alice, 0, 100, Now, Cancel);

    private string KeyFile(bool isHexadecimal = false)
    {
        var path = Files.Key(isHexadecimal);
        _keyFiles.Add(path);
        return path;
    }
}
