using System.CommandLine;
using Google.Protobuf;

namespace ImSidecar.Cli.Commands;

/// <summary>Options of a list that may be long, and how it is put together from pages of the sidecar.</summary>
internal sealed class Paging
{
    private const int MostOfPage = 500;

    public Option<int> Limit { get; } = LimitOption();

    public Option<string> After { get; } = new("--after")
    {
        Description = "Goes on behind that place, which the list before has told",
        HelpName = "place",
        DefaultValueFactory = _ => "",
    };

    public void AddTo(Command command)
    {
        command.Add(Limit);
        command.Add(After);
    }

    /// <summary>Asks until there are enough, or no more. A page may be short or empty and not the last.</summary>
    /// <param name="ask">For so many behind a place; the page, how many it has, and where the next one begins.</param>
    public async Task<T> CollectAsync<T>(
        Call call, Func<int, string, Task<T>> ask, Func<T, (int Count, string Next)> look)
        where T : class, IMessage<T>
    {
        var limit = call.Get(Limit);
        var all = await ask(Math.Min(limit, MostOfPage), call.Get(After)!);
        while (look(all) is { Next.Length: > 0 } so && so.Count < limit)
        {
            // Merging adds to the list, and takes the place of the later page, which may be none.
            var page = await ask(Math.Min(limit - so.Count, MostOfPage), so.Next);
            all.Descriptor.FindFieldByName("next").Accessor.Clear(all);
            all.MergeFrom(page);
        }

        return all;
    }

    public static void TellNext(Terminal.Screen screen, string next)
    {
        if (next.Length > 0)
            screen.Line($"There may be more: --after {next}");
    }

    private static Option<int> LimitOption()
    {
        var option = new Option<int>("--limit")
        {
            Description = "Lists no more than so many",
            HelpName = "number",
            DefaultValueFactory = _ => 100,
        };
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() < 1)
                result.AddError("--limit is at least 1");
        });
        return option;
    }
}
