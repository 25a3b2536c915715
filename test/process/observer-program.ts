// A program that Node, Deno and Bun run: what it does is named by its first argument, "… for 300" says for how many
// milliseconds; the hub's address is in HUB. Its second argument is a file: it blocks until that exists.
import { execFileSync } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import { existsSync } from "node:fs";
import process from "node:process";
import { type ObserverOptions, startObserver } from "../../src/process/observer.ts";

const [, , scene = "", sign = ""] = process.argv;
const [name = "", ms] = scene.split(" for ");
const address = process.env.HUB ?? "";
const gone = process.env.GONE ?? "";
const silent = process.env.SILENT ?? "";

const options: ObserverOptions = { address, head: { instance: scene }, watchdog: [300, 600, 60_000] };
let hasEnded = false;
if (scene === "thread ends") process.on("worker", (thread) => thread.terminate().then(() => (hasEnded = true)));
const observer = startObserver(options);

const post = (url: string, more?: RequestInit): Promise<Response> =>
  observer.fetch(url, { method: "POST", body: '{"events":[]}', keepalive: true, ...more });
const failure = (reply: Promise<unknown>): Promise<string> => reply.then(String, (error) => error.name);
const turns = (count: number): Promise<void> =>
  new Promise((resolve) => (count ? setTimeout(() => resolve(turns(count - 1)), 50) : resolve()));
const stay = (): unknown => setInterval(() => {}, 1_000);

function guilty(): void {
  for (let looks = 0; !existsSync(sign); looks++) if (looks > 1e7) throw new Error("nobody saw it");
}

function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** Says that it is still here, some turns later: what is told by then is all that is told. */
const endOfStory = async (): Promise<void> => {
  await turns(6);
  await post(address, { body: '{"events":[{"title":"still here"}]}' });
};

const scenes: Readonly<Record<string, () => unknown>> = {
  async blocked() {
    stay();
    await post(address);
    observer.enter("GET /s/orders-api.kJ3x-9QpLm_2RtYw8ZbN4A");
    guilty();
  },
  async crowded() {
    stay();
    observer.set({ ...options, watchdog: false });
    await post(address);
    observer.set({ ...options, head: { instance: "anew" } });
    for (let i = 0; i <= 1_000; i++) observer.enter(`GET /orders/${i}`);
    guilty();
  },
  async native() {
    await post(address);
    setTimeout(() => pbkdf2Sync("secret", "salt", 2_000_000, 64, "sha512"));
    setTimeout(function innocent() {
      busy(200);
    });
    setTimeout(endOfStory);
  },
  async child() {
    await post(address);
    execFileSync("sleep", ["1.2"]);
    await endOfStory();
  },
  async "busy and gone"() {
    await post(address);
    busy(Number(ms));
    process.exit(7);
  },
  async exits() {
    await post(address);
    process.on("exit", () => observer.sendNow(address, [], 5_000));
    guilty();
    process.exit();
  },
  async stopped() {
    await post(address);
    const alive = stay() as NodeJS.Timeout;
    process.once("SIGCONT", async () => {
      clearInterval(alive);
      await endOfStory();
    });
    console.log("ready");
  },
  async unwatched() {
    await post(address);
    observer.set({ ...options, watchdog: false });
    busy(600);
    await endOfStory();
  },
  async debugged() {
    await post(address);
    busy(600);
    await endOfStory();
  },
  async waiting() {
    await post(address);
    console.log(observer.sendNow(silent, ["{}"], 600), observer.sendNow(gone, ["{}"], 5_000));
    await endOfStory();
  },
  lastBreath() {
    process.on("exit", () => console.log(observer.sendNow(address, ['{"events":[1]}', '{"events":[2]}'], 5_000)));
    process.exit(7);
  },
  async fetch() {
    const reply = await post(address);
    const aborted = new AbortController();
    const late = failure(post(silent, { signal: aborted.signal }));
    aborted.abort();
    console.log(
      JSON.stringify({
        status: [reply.status, reply.ok, reply.headers.get("Content-Type"), await reply.json()],
        failures: [await failure(post(gone)), await late, await failure(post(address, { signal: aborted.signal }))],
        labels: [observer.enter("a"), observer.enter("b"), observer.enter(""), observer.enter("")],
      }),
    );
  },
  async "thread ends"() {
    const early = post(address);
    while (!hasEnded) await turns(1);
    const statuses = [(await early).status, (await post(address)).status];
    console.log(...statuses, observer.sendNow(address, ["{}"], 5_000));
    observer.set(options);
    observer.stop();
  },
  async stop() {
    const early = post(address);
    observer.stop();
    console.log((await early).status, (await post(address)).status, observer.sendNow(address, ["{}"], 5_000));
  },
};

scenes[name]?.();
