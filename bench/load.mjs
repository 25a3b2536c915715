// What a hub does under load: POST /s/:key over a local Redis and a Telegram that is always there.
import { batchOf, errorOf, many } from "./events.mjs";
import { addressOf, hubs, openStand, post } from "./stand.mjs";

const CONNECTIONS = 16;
const REQUESTS = 400;

const stand = await openStand();
let kinds = 0;

async function load(address, size, isNew) {
  const times = [];
  let left = REQUESTS;
  const began = performance.now();
  const connection = async () => {
    while (left-- > 0) {
      const body = batchOf(many(size, (i) => errorOf(isNew ? `x${++kinds}` : i)));
      const start = performance.now();
      await post(address, body);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(many(CONNECTIONS, connection));
  const seconds = (performance.now() - began) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share) => Number(times[Math.floor(times.length * share)].toFixed(1));
  return {
    "requests/s": Math.round(REQUESTS / seconds),
    "events/s": Math.round((REQUESTS * size) / seconds),
    "p50 ms": at(0.5),
    "p99 ms": at(0.99),
  };
}

const rows = [];
for (const [name, start] of Object.entries(hubs)) {
  const hub = await start(stand.env);
  const address = await addressOf(hub.url, "bench");
  await load(address, 1, false); // warm
  for (const [size, isNew] of [
    [1, false],
    [1, true],
    [20, false],
    [20, true],
  ]) {
    rows.push({ hub: name, batch: `${size} ${isNew ? "new" : "repeated"}`, ...(await load(address, size, isNew)) });
  }
  await hub.stop();
}
await stand.stop();

console.log(
  `\nA hub under load: ${REQUESTS} batches over ${CONNECTIONS} connections, client, hub, Redis and Telegram on the same cores\n`,
);
console.table(rows);
