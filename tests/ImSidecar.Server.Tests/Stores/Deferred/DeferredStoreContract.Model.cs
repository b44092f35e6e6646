using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Deferred;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>Random histories end as those of the model do.</summary>
public abstract partial class DeferredStoreContract
{
    private const int Steps = 50;

    private static readonly string[] _people = [Alice, Bob, "sip:c"];
    private static readonly DeferralQuota _quota = new(5, 1200, 9, 2500);

    private static readonly Gen<Step> _steps = Gen.Frequency(
        (12, from user in Gen.Elements(_people)
             from key in Gen.Choose(0, 25)
             from size in Gen.Choose(0, 500)
             from minutes in Gen.Choose(1, 60)
             from asked in Gen.Choose(0, 3)
             select (Step)new AddStep(user, "k" + key, size, minutes, asked)),
        (6, from user in Gen.Elements(_people)
            from numbers in Gen.ArrayOf(Gen.Choose(1, 30))
            from end in Gen.Elements(DeferredEnd.Delivered, DeferredEnd.Deleted)
            select (Step)new RemoveStep(user, [.. numbers.Select(number => (long)number)], end)),
        (3, Gen.Choose(1, 15).Select(minutes => (Step)new ExpireStep(minutes))),
        (1, Gen.Constant((Step)new RestartStep())));

    [Fact]
    public void Random_histories_end_as_those_of_the_model() => Prop
        .ForAll(Gen.ListOf(_steps, Steps).ToArbitrary(), steps => PlayAsync([.. steps]).GetAwaiter().GetResult())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(Histories));

    private protected abstract int Histories { get; }

    private async Task PlayAsync(IReadOnlyList<Step> steps)
    {
        await ClearAsync();
        var (model, now) = (new DeferredModel(), Now);
        foreach (var step in steps)
        {
            switch (step)
            {
                case AddStep add:
                    var message = add.Message(now);
                    Assert.Equal(model.Add(message, _quota), await AddAsync(message, _quota));
                    break;
                case RemoveStep remove:
                    Assert.Equal(
                        model.Remove(remove.User, remove.Numbers, remove.End, now),
                        await Store.RemoveAsync(remove.User, remove.Numbers, remove.End, now, Cancel));
                    break;
                case ExpireStep expire:
                    now = now.AddMinutes(expire.Minutes);
                    Assert.Equal(model.Expire(now), await Store.ExpireAsync(now, 100, Cancel));
                    break;
                default:
                    await ReopenAsync();
                    break;
            }
        }

        await CompareAsync(model, now);
    }

    private async Task CompareAsync(DeferredModel model, DateTimeOffset now)
    {
        foreach (var user in _people)
        {
            Assert.Equal(model.Count(user), await Store.CountAsync(user, Cancel));
            Assert.Equal(
                model.Messages.Where(each => each.User == user && each.ExpiresAt > now).Select(Seen),
                (await Store.ReadAsync(user, 0, 100, long.MaxValue, now, Cancel)).Select(Seen));
        }

        var all = new DeferredCount(model.Messages.Count, model.Messages.Sum(each => each.Content.Size));
        Assert.Equal(all, await Store.CountAllAsync(Cancel));
        Assert.Equal(
            model.Messages.Select(each => each.User).Distinct().Order(StringComparer.Ordinal),
            await Store.UsersAsync("", 100, Cancel));
        Assert.Equal(
            model.Notices.Order(),
            (await Store.NoticesAsync(1000, Cancel)).Select(notice => (notice.End, notice.Asked.MessageId)).Order());

        static (long, string, long, DateTimeOffset) Seen(DeferredMessage message) =>
            (message.Number, message.Key, message.Content.Size, message.ExpiresAt);
    }

    private async Task ClearAsync()
    {
        foreach (var table in (string[])["message", "box", "past", "notice"])
            await RunAsync($"DELETE FROM {table}");
        await RunAsync("UPDATE total SET messages = 0, bytes = 0");
    }

    private abstract record Step;

    private sealed record AddStep(string User, string Key, int Size, int Minutes, int Asked) : Step
    {
        public DeferredMessage Message(DateTimeOffset now) => DeferredSample.Message(Key, User, Size) with
        {
            ReceivedAt = now,
            ExpiresAt = now.AddMinutes(Minutes),
            Notices = Asked == 0
                ? null
                : new(Key, "now", Delivery: (Asked & 1) != 0, NegativeDelivery: (Asked & 2) != 0),
        };
    }

    private sealed record RemoveStep(string User, ImmutableArray<long> Numbers, DeferredEnd End) : Step
    {
        public override string ToString() => $"Remove {string.Join(' ', Numbers)} of {User}: {End}";
    }

    private sealed record ExpireStep(int Minutes) : Step;

    private sealed record RestartStep : Step;
}
