// Ten minutes of mixed traffic with faults, between real processes: is nothing lost, and is every limit kept?
//   node bench/soak.mjs [--minutes 10] [--seed 1]
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { byKind } from "./chat.mjs";
import { inflict } from "./soak/faults.mjs";
import { diceOf, send } from "./soak/traffic.mjs";
import { createVerdict, judgeCalls, judgeCounts, sum } from "./soak/verdict.mjs";
import { watch } from "./soak/watch.mjs";
import { hubs, keyring, openStand, rssOf } from "./stand.mjs";

const MINUTE = 60_000;
/** Longest wait for the last window: it closes five minutes after its last repeat, and then edits are rationed. */
const PATIENCE = 25 * MINUTE;

const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

const began = Date.now();
const say = (words) => console.log(`${((Date.now() - began) / MINUTE).toFixed(1).padStart(5)}  ${words}`);
console.log(`\nA soak of ${minutes} minutes and as long as the chat takes to be told all of it; --seed ${seed}\n`);

const stand = await openStand();
const { upstash, telegram } = stand;
telegram.api.limiter.enable();
const seen = await watch(upstash.engine);
const verdict = createVerdict();

/** A hub that can be killed and comes back at its address. */
async function openNode(name) {
  const node = { name };
  node.open = async () => {
    const life = await hubs.Node(stand.env, node.port);
    Object.assign(node, life, { isKilled: false });
    life.ended.then(
      () => node.isKilled || verdict.broken.push(`${name} ended by itself: ${life.output().slice(-300)}`),
    );
  };
  await node.open();
  return node;
}

const nodes = [await openNode("Node 1"), await openNode("Node 2")];
const worker = await hubs.workerd(stand.env);
const roll = diceOf(seed);
const rss = nodes.map(({ name, pid }) => ({ name, start: rssOf(pid) }));

async function kill() {
  const node = nodes[roll(nodes.length)];
  node.isKilled = true;
  await node.stop("SIGKILL");
  await node.open();
}

/** As a cron would, now of the one hub, now of the other. Whoever is not there misses it. */
let minute = 0;
const authorization = `Bearer ${await keyring.derive("tick")}`;
const cron = setInterval(() => {
  fetch(`${nodes[++minute % nodes.length].url}/tick`, { headers: { authorization } }).catch(() => undefined);
  say(`${seen.taken.size} batches taken, ${telegram.api.messages().length} messages in the chat`);
}, MINUTE);

let looks = 0;
/** Whether everything was told before patience ended. */
async function drained() {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await delay(5_000)) {
    looks++;
    const wheel = await upstash.command("ZRANGE", "sb:wheel", 0, -1);
    if (!wheel.some((member) => "oOwgn".includes(member[0]))) return true;
  }
  return false;
}

const until = Date.now() + minutes * MINUTE;
const [ledger, story] = await Promise.all([
  send([...nodes, worker], seed, until),
  inflict(stand, kill, say, diceOf(seed + 1), until),
]);
say("faults are lifted, all batches are answered; waiting until the chat was told");
if (!(await drained())) verdict.broken.push("the outbox was not drained");
clearInterval(cron);

const calls = telegram.api.calls.filter(({ method }) => /^(send|edit|createForumTopic)/.test(method));
judgeCounts(verdict, { ledger, ...seen, messages: telegram.api.messages(), calls, story });
judgeCalls(verdict, { calls, story });
verdict.limit("calls that Telegram would wonder about", telegram.api.violations.length, telegram.api.violations);

const times = ledger.map(({ ms }) => ms).sort((a, b) => a - b);
const at = (share) => Math.round(times[Math.floor(times.length * share)]);
verdict.note("POST, p50 and p99 in ms", `${at(0.5)}, ${at(0.99)}`);
verdict.note("- tries for a batch", (sum(ledger.map(({ tries }) => tries)) / ledger.length).toFixed(3));
for (const [i, { name, start }] of rss.entries()) {
  verdict.note(`${name}, MB at the start and the end`, `${start}, ${rssOf(nodes[i].pid)}`);
}
const events = sum(ledger.flatMap(({ kinds }) => kinds.map(([, count]) => count)));
verdict.note("billed commands an event", ((seen.commands - looks) / events).toFixed(2));

seen.stop();
for (const node of nodes) node.isKilled = true;
await Promise.all([...nodes, worker].map((hub) => hub.stop()));
await stand.stop();

console.log("\nWhat went wrong\n");
console.table([...byKind(story.map(({ name }) => [name, 1]))].map(([fault, times]) => ({ fault, times })));
console.log("\nWhat came of it\n");
console.table(verdict.figures);
for (const words of verdict.broken) console.error(`broken: ${words}`);
process.exitCode = verdict.broken.length > 0 ? 1 : 0;
