namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>
/// Each save of an aggregate is looked at where nobody can be wrong, in its own transaction: is its slot the writer's,
/// in the epoch that the writer has now? Who writes is told by the address that he connected from.
/// </summary>
internal static class SavesByOwners
{
    public static async Task WatchAsync(SplitProfile profile)
    {
        var nodes = string.Join(", ", profile.Nodes.Select(node => $"('{node.Name}', inet '{node.Address}')"));
        await profile.Database.RunAsync(
            $"""
            CREATE SCHEMA split;
            CREATE SEQUENCE split.save;
            CREATE TABLE split.fault (what text);
            CREATE FUNCTION split.look() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM nextval('split.save');
                INSERT INTO split.fault
                SELECT clock_timestamp() || ': ' || TG_OP || ' of ' || coalesce(NEW.id, OLD.id) || ' by ' || node.name || ' in epoch '
                    || node_epoch.epoch || ', and the slot is ' || slot.owner || '''s in epoch ' || slot.epoch
                FROM (VALUES {nodes}) AS node (name, address)
                JOIN imsidecar.node_epoch ON node_epoch.name = node.name
                JOIN imsidecar.slot ON slot.number = coalesce(NEW.slot, OLD.slot)
                WHERE node.address = inet_client_addr() AND (slot.owner, slot.epoch) <> (node.name, node_epoch.epoch);
                RETURN NULL;
            END $$;
            CREATE TRIGGER look AFTER INSERT OR UPDATE OR DELETE ON imsidecar.head
                FOR EACH ROW EXECUTE FUNCTION split.look();
            """);
    }

    /// <summary>How many saves there were so far.</summary>
    public static async Task<long> CountAsync(SplitProfile profile) =>
        (long)(await profile.Database.RunAsync("SELECT last_value FROM split.save"))!;

    /// <summary>Those of who was not the owner.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(SplitProfile profile) =>
        (string[])(await profile.Database.RunAsync("SELECT coalesce(array_agg(what), '{}') FROM split.fault"))!;
}
