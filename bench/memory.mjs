// What a hub's process holds in memory, and whether that grows: 100,000 events of 300 kinds in batches of 50.
import { batchOf, errorOf, many } from "./events.mjs";
import { addressOf, hubs, openStand, post, rssOf } from "./stand.mjs";

const SIZE = 50;
const KINDS = 300;
const CONNECTIONS = 8;

const stand = await openStand();

async function send(address, events) {
  let sent = 0;
  const connection = async () => {
    while (sent < events) {
      sent += SIZE;
      const from = sent;
      await post(address, batchOf(many(SIZE, (i) => errorOf((from + i) % KINDS))));
    }
  };
  await Promise.all(many(CONNECTIONS, connection));
}

const rows = [];
for (const [name, start] of Object.entries(hubs)) {
  const hub = await start(stand.env);
  const address = await addressOf(hub.url, "bench");
  const row = { hub: name, "MB at the start": rssOf(hub.pid) };
  for (const [events, when] of [
    [10_000, "after 10,000 events"],
    [40_000, "after 50,000"],
    [50_000, "after 100,000"],
  ]) {
    await send(address, events);
    row[when] = rssOf(hub.pid);
  }
  rows.push({ ...row, grown: row["after 100,000"] - row["MB at the start"] });
  await hub.stop();
}
await stand.stop();

console.log("\nWhat a hub's process holds: megabytes of resident memory\n");
console.table(rows);
