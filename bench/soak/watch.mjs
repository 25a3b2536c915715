// What Redis was told, read from MONITOR: which batches it took in, which messages it knows of, and how much it did.
import { connect } from "node:net";
import { encode, repliesOf } from "../../dist/src/dev/upstash/resp.js";

const BATCH = /"batches" "(?:[^"\\]|\\.)*\\n([\w-]+) [\w-]+\|[A-Z]*"/;
const PLACES = /"(?:c:[^"]*|told)" "-?\d+:(\d+):\d+"/g;

/** Watches from now on. `taken` counts how often a batch was counted, `known` are the messages that have a place. */
export async function watch({ host, port }) {
  const socket = connect(port, host);
  const lines = repliesOf(socket);
  const seen = { taken: new Map(), known: new Set(), commands: 0, stop: () => socket.destroy() };
  socket.write(encode([["MONITOR"]]));
  await lines.next(); // its OK
  follow(lines, seen).catch(() => undefined); // it ends with the socket
  return seen;
}

async function follow(lines, seen) {
  for await (const reply of lines) {
    const line = String(reply);
    if (!/ "(?:MULTI|EXEC)"$/i.test(line)) seen.commands++;
    const batch = BATCH.exec(line)?.[1];
    if (batch) seen.taken.set(batch, (seen.taken.get(batch) ?? 0) + 1);
    for (const [, message] of line.matchAll(PLACES)) seen.known.add(Number(message));
  }
}
