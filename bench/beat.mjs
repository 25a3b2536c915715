// How many pings a hub takes: GET …/beat over a real Redis, beside what is known of Uptime Kuma's push address.
import { connect } from "node:net";
import { many } from "./events.mjs";
import { addressOf, cpuOf, hubs, openStand } from "./stand.mjs";

const CONNECTIONS = 16;
const REQUESTS = 4_000;
/** Uptime Kuma 2.5.3 on SQLite, Node 20, two cores, sixteen connections. */
const KUMA = { hub: "Uptime Kuma's push, as measured before", "requests/s": 322, "p50 ms": 46 };

/** Asks for an address over and over on one connection, with as little work of our own as can be. */
function pinging(url, next, onAnswer) {
  const { hostname, port, pathname, search } = new URL(url);
  const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let began = 0;
    let heard = "";
    const ask = () => {
      if (!next()) return socket.end();
      began = performance.now();
      heard = "";
      socket.write(request);
    };
    socket.on("data", (data) => {
      heard += data;
      if (!/\r\n\r\n(OK|Created)$/.test(heard)) return;
      if (!heard.startsWith("HTTP/1.1 20")) return reject(new Error(heard));
      onAnswer(performance.now() - began);
      ask();
    });
    socket.on("connect", ask).on("close", resolve).on("error", reject);
  });
}

async function load(hub, requests) {
  const times = [];
  let left = requests;
  const addresses = await Promise.all(many(CONNECTIONS, (i) => addressOf(hub.url, `bench-${i}`)));
  const [began, cpu] = [performance.now(), cpuOf(hub.pid)];
  await Promise.all(
    addresses.map((address) =>
      pinging(
        `${address}/beat/etl?every=5m`,
        () => left-- > 0,
        (ms) => times.push(ms),
      ),
    ),
  );
  const ms = performance.now() - began;
  times.sort((a, b) => a - b);
  return {
    "requests/s": Math.round((requests / ms) * 1_000),
    "p50 ms": Number(times[times.length >> 1].toFixed(1)),
    "p99 ms": Number(times[Math.floor(times.length * 0.99)].toFixed(1)),
    "ms of CPU in the hub": Number(((cpuOf(hub.pid) - cpu) / requests).toFixed(2)),
  };
}

const stand = await openStand();
const rows = [];
for (const [name, start] of Object.entries(hubs)) {
  const hub = await start(stand.env);
  await load(hub, REQUESTS / 4); // warm
  rows.push({ hub: name, ...(await load(hub, REQUESTS)) });
  await hub.stop();
}
await stand.stop();

console.log(`\nPings, ${CONNECTIONS} connections; hub, Redis, its REST front and the caller on the same cores\n`);
console.table([...rows, KUMA]);
