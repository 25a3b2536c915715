/** What the hub asks of a client with its answer. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { notify, openStand, type Stand, type Tell } from "../stand.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(() => stand.reset());

const HOUR = 3_600_000;

async function answerTo(events: readonly unknown[], how?: Tell): Promise<unknown> {
  const { verdicts, control } = await (await stand.tell(events, how)).json();
  return { verdicts, control };
}

test("nothing, as long as nothing is muted and nothing beats", async () => {
  expect(await answerTo([notify("Disk is filling")])).toEqual({ verdicts: ["admitted"], control: {} });
});

test.each([
  ["a minute, in a long mute", HOUR, { mutedMs: 60_000 }],
  ["until shortly before the mute ends", 42_000, { mutedMs: 37_000 }],
  ["not at all, when it ends soon", 5_000, {}],
])("to keep repeats of what is muted to itself: %s", async (_, ms, control) => {
  await stand.mute({ service: "orders-api" }, ms, "");
  const critical = notify("Disk is full", { severity: "critical" });
  expect(await answerTo([notify("Disk is filling"), critical])).toEqual({ verdicts: ["muted", "admitted"], control });
});

test("what a client kept that long is swallowed by the mute, to the last event", async () => {
  await stand.mute({ service: "orders-api" }, HOUR, "");
  const [began, event] = [stand.now, notify("Disk is filling")];
  let kept: number | undefined;
  let sent = 0;
  do {
    ({ mutedMs: kept } = (await (await stand.tell([{ ...event, count: 7 }])).json()).control);
    sent += 7;
    stand.now += kept ?? 0;
  } while (kept);
  expect(stand.now).toBe(began + HOUR - 5_000);
  await stand.tick(5_000);
  expect(stand.texts()).toEqual([expect.stringContaining(`${sent} events were swallowed`)]);
});

test("nothing of a batch that comes again: nobody knows any more which mute it was", async () => {
  await stand.mute({ service: "orders-api" }, HOUR, "");
  const again = { id: "the-same-batch" };
  await stand.tell([notify("Disk is filling")], again);
  expect(await answerTo([notify("Disk is filling")], again)).toEqual({ verdicts: ["muted"], control: {} });
});

test("to beat as often as is expected of its service", async () => {
  await stand.beat("", { method: "POST", body: JSON.stringify({ instance: "i-1" }) });
  expect(await answerTo([])).toEqual({ verdicts: [], control: { beatMs: 60_000 } });
  await stand.beat("/nightly?every=1h");
  expect(await answerTo([])).toMatchObject({ control: { beatMs: 60_000 } });
});

test("no beats, where a cron expression says when they come", async () => {
  await stand.beat("?cron=0+3+*+*+*");
  expect(await answerTo([])).toEqual({ verdicts: [], control: {} });
});
