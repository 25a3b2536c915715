import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";
import type { Event, Severity } from "../../src/event.ts";
import { createGuard } from "../../src/hub/store/guard.ts";
import {
  connect,
  createStore,
  DIGEST_AFTER,
  type Intake,
  type IntakeAlert,
  LEASE,
  type Store,
  WINDOW,
} from "../../src/hub/store/store.ts";
import { engines } from "../engines.ts";
import * as scripts from "../scripts.ts";

const NOW = 1_800_000_000_000;
const SERVICE = "orders-api";
const RANKS: Record<Severity, number> = { info: 0, warning: 1, error: 2, critical: 3 };

function alertOf(
  id: string,
  given: Partial<IntakeAlert> & { severity?: Severity; payload?: string } = {},
): IntakeAlert {
  const { severity = "error", payload = "", ...rest } = given;
  const event: Event = { kind: "error", severity, at: NOW, title: `it broke ${payload}` };
  const alert = { service: SERVICE, fingerprint: id, event, origin: { instance: "i-1" } };
  return { id, rank: RANKS[severity], mutable: severity !== "critical", count: 1, at: NOW, alert, ...rest };
}

let batches = 0;
function intake(alerts: readonly IntakeAlert[], given: Partial<Intake> = {}): Intake {
  const batchId = `batch-${++batches}`;
  const whose = {
    chatId: undefined,
    service: SERVICE,
    serviceId: "5e71ce00",
    generation: 1,
    registry: "{}",
    dropped: 0,
  };
  return { now: NOW, batchId, callId: `call-${batches}`, ...whose, alerts, ...given };
}

/** Twenty different events from the n-th on. */
const twenty = (n = 0): IntakeAlert[] =>
  Array.from({ length: 20 }, (_, i) => alertOf((n + i).toString(16).padStart(8, "0")));

test("the scripts are those that are deployed; a change of one is a change of the store's formats", () => {
  const hash = (text: string) => createHash("sha1").update(text).digest("hex").slice(0, 12);
  expect(Object.fromEntries(Object.entries(scripts).map(([name, text]) => [name, hash(text)]))).toEqual({
    BEAT: "a868ad763567",
    BIND: "4d97c1c4f911",
    BLOCK: "ee2321cbaee6",
    BOARD: "c962e23b0e9c",
    BOARD_ENDED: "db04391010bc",
    BOARD_TOLD: "d7d3903bf643",
    CLAIM: "45695c3be399",
    CLOSE: "dfee5ba0fde5",
    DIGESTED: "7cd2db0f70d6",
    ENTER: "fb70b69dc69a",
    HEARD: "61fcb42320c1",
    HISTORY: "1ecee34d4c2b",
    INGEST: "2ff17313bf48",
    LAPSE: "8b2408104884",
    MOVED: "6b6293f5d945",
    MUTE: "175193a76f04",
    PLACE: "e5c0bec3464e",
    QUIET_OVER: "b2e1071b82e2",
    REVIVE: "5eb230894597",
    PRUNE: "73aea5e5ace4",
    DIE: "895656d6ba1a",
    FORGET: "c38c9b52656b",
    SPENT: "0ad4d97904a4",
    SURVEY: "882b8d7e45b5",
    SHOWN: "67831ba4c893",
    SWITCH: "8ab478e4a567",
    TUNE: "75b731b4b943",
  });
});

describe.each(engines)("the store on the %s engine", (engine) => {
  let upstash: Upstash;
  let store: Store;

  beforeAll(async () => {
    upstash = await startUpstash({ engine });
    store = createStore(connect(upstash.url, upstash.token));
  });
  afterAll(() => upstash.stop());
  beforeEach(async () => {
    upstash.faults.clear();
    await upstash.command("FLUSHALL");
  });

  async function taken(given: Intake) {
    const answer = await store.ingest(given);
    if (answer === "revoked") throw new Error("revoked");
    return answer;
  }
  const verdicts = async (given: Intake) => (await taken(given)).taken.map(({ verdict }) => verdict);
  const CHAT = -77;
  const claim = async (now: number, until = now + LEASE, limit = 50) =>
    (await store.claim(now, until, limit, CHAT)).dues;
  const merged = async () => (await store.digest())?.services[0];
  const prune = () => store.prune({ kind: "prune", service: SERVICE }, NOW * 2);
  const message = (id: string) => ({ kind: "message", service: SERVICE, id }) as const;
  const billed = async (work: () => Promise<unknown>) => {
    const { http, billed } = await upstash.meter.measure(work);
    return { http, billed };
  };

  test("an update is taken once, by whichever hub; of the last hundred", async () => {
    const enter = (updateId: number, userId = updateId) =>
      store.enter({ now: NOW, updateId, userId, chatId: CHAT, threadId: undefined, given: CHAT, call: "none" });
    for (let id = 1; id <= 101; id++) expect(await enter(id)).toMatchObject({ kind: "in" });
    expect(await enter(101, 500)).toEqual({ kind: "seen" });
    expect(await enter(2, 501)).toEqual({ kind: "seen" });
    expect(await enter(1, 502)).toMatchObject({ kind: "in" }); // Telegram does not repeat what is so old
  });

  test("of hubs that claim at once for different chats one binds its chat", async () => {
    const claims = await Promise.all([1, 2, 3].map((chatId) => store.bind({ now: NOW, updateId: chatId, chatId })));
    expect(claims.sort()).toEqual(["bound", "taken", "taken"]);
  });

  test("a mute of a kind is one, whether its service is named or not", async () => {
    await store.mute({ service: SERVICE, fingerprint: "a1b2c3d4" }, NOW + WINDOW, "it broke");
    await store.mute({ fingerprint: "a1b2c3d4" }, NOW + 2 * WINDOW, "");
    expect(await store.mutes()).toMatchObject([{ service: SERVICE, until: NOW + 2 * WINDOW, title: "it broke" }]);
    expect(await verdicts(intake([alertOf("a1b2c3d4")]))).toEqual(["muted"]);
    expect(await store.unmute({ fingerprint: "a1b2c3d4" })).toMatchObject({ swallowed: 1 });
    await store.mute({ fingerprint: "a1b2c3d4" }, NOW + WINDOW, "");
    expect(await verdicts(intake([alertOf("a1b2c3d4")]))).toEqual(["muted"]);
  });

  test("a new event is admitted, the same one in its window is a repeat", async () => {
    expect(await verdicts(intake([alertOf("a"), alertOf("b")]))).toEqual(["admitted", "admitted"]);
    expect(await verdicts(intake([alertOf("a"), alertOf("c")]))).toEqual(["repeat", "admitted"]);
  });

  test("repeats are counted with what the client folded, over any number of batches", async () => {
    await taken(intake([alertOf("a", { count: 3 }), alertOf("a", { count: 4 })]));
    const { taken: events } = await taken(intake([alertOf("a", { count: 5, at: NOW + 9 })], { now: NOW + 9 }));
    const tally = { count: 12, first: NOW, last: NOW + 9 };
    expect(events).toEqual([{ verdict: "repeat", tally, edit: false, shows: 0 }]);
  });

  test("a message shows the newest of its repeats, but none that is milder or took less time than one before", async () => {
    const shows = async (...alerts: IntakeAlert[]) => (await taken(intake(alerts))).taken.map((it) => it.shows);
    const of = (payload: string, given: Partial<IntakeAlert> & { severity?: Severity } = {}) =>
      alertOf("a", { payload, ...given });
    const kept = async () => (await store.read([message("a")], CHAT))[0]?.alert.event.title;
    expect(await shows(of("first", { took: 250 }), of("longest", { took: 900 }), of("short", { took: 90 }))).toEqual([
      1, 1, 1,
    ]);
    await store.settle(message("a"), told(3));
    expect(await kept()).toBe("it broke longest");
    expect(await shows(of("shorter", { took: 899 }), of("milder", { took: 990, severity: "info" }))).toEqual([
      undefined,
      undefined,
    ]);
    expect(await kept()).toBe("it broke longest");
    expect(await shows(of("as long", { took: 900 }))).toEqual([0]);
    expect(await kept()).toBe("it broke as long");
    expect(await shows(of("worse", { took: 1, severity: "critical" }))).toEqual([0]);
    expect(await kept()).toBe("it broke worse");
  });

  const told = (shown: number, messageId = 7) => ({ chatId: -1, messageId, shown });
  const window = (id: string) => ({ kind: "window", service: SERVICE, id }) as const;

  test("a window ends five minutes after its last event, once all of it was told", async () => {
    await taken(intake([alertOf("a")]));
    await store.settle(message("a"), told(1));
    expect(await verdicts(intake([alertOf("a")], { now: NOW + WINDOW - 1 }))).toEqual(["repeat"]);
    await store.shown(SERVICE, "a", told(2));
    expect(await verdicts(intake([alertOf("a")], { now: NOW + 2 * WINDOW }))).toEqual(["admitted"]);
  });

  test("a window that shows less than was counted stays open until it is closed", async () => {
    await taken(intake([alertOf("a")]));
    await store.settle(message("a"), told(1));
    await taken(intake([alertOf("a")], { now: NOW + 1 }));
    expect(await verdicts(intake([alertOf("a")], { now: NOW + 2 * WINDOW }))).toEqual(["repeat"]);
    const [kept] = await store.read([window("a")], CHAT);
    await store.close(window("a"), kept?.seen ?? "", told(3));
    expect(await verdicts(intake([alertOf("a")], { now: NOW + 4 * WINDOW }))).toEqual(["admitted"]);
  });

  test("a higher severity is a new message, and so is the first after an hour; the old one still gets its number", async () => {
    await taken(intake([alertOf("a", { severity: "warning" })]));
    await store.settle(message("a"), told(1));
    await taken(intake([alertOf("a", { severity: "warning", count: 3 })]));
    expect(await verdicts(intake([alertOf("a", { severity: "error" })]))).toEqual(["admitted"]);
    await store.settle(message("a"), told(1, 8));
    for (let i = 1; i < 15; i++) {
      expect(await verdicts(intake([alertOf("a")], { now: NOW + i * 240_000 }))).toEqual(["repeat"]);
    }
    expect(await verdicts(intake([alertOf("a")], { now: NOW + 3_600_000 }))).toEqual(["admitted"]);
    const asides = [window("a~1"), window("a~2")];
    expect(await claim(NOW + 3_600_000, NOW + 4_000_000, 9)).toEqual(expect.arrayContaining(asides));
    expect(await store.read(asides, CHAT)).toMatchObject([
      { tally: { count: 4 }, message: told(1), alert: { event: { severity: "warning" } } },
      { tally: { count: 15 }, message: told(1, 8), alert: { event: { severity: "error" } } },
    ]);
  });

  test("while its message waits, a higher severity is told by itself; without a call to spend, in it", async () => {
    await taken(intake([alertOf("a", { severity: "warning" })], { chatId: CHAT }));
    const worse = intake([alertOf("a", { severity: "critical", count: 3 })], { chatId: CHAT });
    const tally = { count: 3, first: NOW, last: NOW };
    const own = `a~${worse.batchId}.0`;
    const answer = { taken: [{ verdict: "admitted", own, tally, edit: false }] };
    expect(await taken(worse)).toMatchObject(answer);
    expect(await taken(worse)).toMatchObject(answer); // asked for once more, it is answered as before
    expect(await verdicts(intake([alertOf("a", { severity: "critical" })], { chatId: CHAT }))).toEqual(["repeat"]);
    const waiting = [{ kind: "message", service: SERVICE, id: own, urgent: true } as const, message("a")];
    expect(await claim(NOW + LEASE)).toEqual(waiting);
    expect(await store.read(waiting, CHAT)).toMatchObject([
      { tally: { count: 3 }, alert: { event: { severity: "critical" } } },
      { tally: { count: 2 }, alert: { event: { severity: "warning" } } },
    ]);
    await store.block(CHAT, NOW + 60_000, undefined);
    await taken(intake([alertOf("b", { severity: "warning" })], { service: "shop", chatId: -5 }));
    const inIt = intake([alertOf("b", { severity: "error" })], { service: "shop", chatId: CHAT });
    expect(await verdicts(inIt)).toEqual(["repeat"]);
  });

  test("an edit that comes late does not take the place of a newer message", async () => {
    await taken(intake([alertOf("a")]));
    await store.settle(message("a"), told(1));
    await taken(intake([alertOf("a")], { now: NOW + WINDOW }));
    await store.shown(SERVICE, "a", told(5));
    expect(await store.read([message("a")], CHAT)).toMatchObject([{ tally: { count: 1 } }]);
    expect((await store.read([message("a")], CHAT))[0]?.message).toBeUndefined();
  });

  test("what Telegram does not have yet never waits twice", async () => {
    await taken(intake([alertOf("a")]));
    expect(await verdicts(intake([alertOf("a")], { now: NOW + 10 * WINDOW }))).toEqual(["repeat"]);
  });

  test("a batch sent twice counts once, and only one of its senders delivers", async () => {
    const first = intake([alertOf("a"), alertOf("a")]);
    expect(await taken(first)).toMatchObject({ replayed: false });
    const again = await taken({ ...first, callId: "another" });
    expect(again.replayed).toBe(true);
    expect(again.taken.map(({ verdict, tally }) => [verdict, tally.count])).toEqual([
      ["admitted", 2],
      ["repeat", 2],
    ]);
  });

  test("an answer that was lost is asked for again without effect, and the asker still delivers", async () => {
    await taken(intake([])); // the script is warm
    upstash.faults.set({ kind: "lost", times: 1 });
    const answer = await taken(intake([alertOf("a", { count: 2 })]));
    expect(answer).toMatchObject({ replayed: false, taken: [{ verdict: "admitted", tally: { count: 2 } }] });
  });

  test("thirty at once are admitted, and one more every two seconds; the rest goes into the digest", async () => {
    const storm = Array.from({ length: 50 }, (_, i) => alertOf(`e${i}`));
    const all = await verdicts(intake(storm));
    expect(all.filter((it) => it === "admitted")).toHaveLength(30);
    expect(await merged()).toMatchObject({ from: NOW, count: 20, lost: 0 });
    expect(await verdicts(intake([alertOf("f1"), alertOf("f2")], { now: NOW + 2_000 }))).toEqual([
      "admitted",
      "digested",
    ]);
  });

  test("critical passes an empty bucket", async () => {
    await taken(intake(Array.from({ length: 30 }, (_, i) => alertOf(`e${i}`))));
    expect(await verdicts(intake([alertOf("x"), alertOf("y", { severity: "critical" })]))).toEqual([
      "digested",
      "admitted",
    ]);
  });

  test("what a client gave up is in the digest", async () => {
    await taken(intake([], { dropped: 40 }));
    await taken(intake([], { dropped: 2 }));
    expect(await merged()).toMatchObject({ service: SERVICE, count: 0, lost: 42 });
    expect(await claim(NOW + DIGEST_AFTER)).toEqual([{ kind: "digest" }]);
  });

  test("the digest knows how many of each kind, of every service", async () => {
    const storm = Array.from({ length: 33 }, (_, i) => alertOf(`e${i}`, { count: i }));
    await taken(intake([...storm, alertOf("e32", { count: 8, severity: "warning" })]));
    await taken(intake([], { service: "shop", dropped: 5 }));
    expect((await store.digest())?.services).toMatchObject([
      {
        service: SERVICE,
        count: 30 + 31 + 40,
        kinds: [
          { id: "e30", rank: 2, count: 30, title: "it broke" },
          { id: "e31", rank: 2, count: 31, title: "it broke" },
          { id: "e32", rank: 2, count: 40, title: "it broke" },
        ],
      },
      { service: "shop", lost: 5 },
    ]);
  });

  test("a digest ends only when nothing was added since it was read", async () => {
    await taken(intake([], { dropped: 40 }));
    await taken(intake([], { service: "shop", dropped: 5 }));
    const digest = await store.digest();
    if (!digest) throw new Error("no digest");
    await store.digestTold({ chatId: CHAT, messageId: 7, shown: 45 }, NOW);
    await taken(intake([], { dropped: 2 }));
    await store.endDigest(digest);
    expect(await store.digest()).toMatchObject({ message: { shown: 45 }, services: [{ lost: 42 }, { lost: 5 }] });
    const again = await store.digest();
    if (again) await store.endDigest(again);
    expect(await store.digest()).toBeUndefined();
    expect(await claim(NOW + 600_000)).toEqual([]);
  });

  describe("the one budget of a chat", () => {
    const of = (alerts: readonly IntakeAlert[], now = NOW) => verdicts(intake(alerts, { chatId: CHAT, now }));
    const some = (n: number, from = 0) => Array.from({ length: n }, (_, i) => alertOf(`e${from + i}`));

    test("grants a group's batch sixteen calls, keeps four for what is critical or a new topic, and merges the rest", async () => {
      const first = await of(some(25));
      expect(first.map((it) => it[0]).join("")).toBe("a".repeat(16) + "d".repeat(9));
      expect(await of([alertOf("c1", { severity: "critical" }), alertOf("e99")])).toEqual(["admitted", "digested"]);
    });

    test("is shared by all services, and is whole again after 75 seconds", async () => {
      await of(some(16));
      expect(await verdicts(intake([alertOf("a")], { chatId: CHAT, service: "shop" }))).toEqual(["digested"]);
      expect(await verdicts(intake([alertOf("a")], { chatId: CHAT, service: "shop", now: NOW + 75_000 }))).toEqual([
        "admitted",
      ]);
    });

    test("gives a private chat five calls in six seconds", async () => {
      expect(await verdicts(intake(some(6), { chatId: 42 }))).toEqual(
        [..."aaaa"].map(() => "admitted").concat("digested", "digested"),
      );
      expect(await verdicts(intake(some(1, 9), { chatId: 42, now: NOW + 6_000 }))).toEqual(["admitted"]);
    });

    test("grants nothing before a penalty is over, and a shorter one does not shorten it", async () => {
      await store.block(CHAT, NOW + 40_000, undefined);
      await store.block(CHAT, NOW + 3_000, undefined);
      const both = intake([alertOf("a"), alertOf("b", { severity: "critical" })], { chatId: CHAT, now: NOW + 39_999 });
      expect((await taken(both)).taken).toMatchObject([{ verdict: "digested" }, { verdict: "admitted", waits: true }]);
      expect(await claim(NOW + 39_999)).toEqual([]);
      expect(await of([alertOf("c")], NOW + 40_000)).toEqual(["admitted"]);
      expect(await claim(NOW + 40_000)).toEqual([{ kind: "message", service: SERVICE, id: "b", urgent: true }]);
    });

    test("lets a rung be shown only while there is enough for alerts", async () => {
      await of([alertOf("a")]);
      await store.settle(message("a"), told(1));
      const edits = async (n: number) =>
        (await taken(intake([alertOf("a", { count: n })], { chatId: CHAT }))).taken[0]?.edit;
      expect(await edits(1)).toBe(true);
      await store.shown(SERVICE, "a", told(2));
      expect(await edits(2)).toBe(false); // ×4 is between two rungs
      await of(some(11));
      expect(await edits(1)).toBe(false); // ×5, but edits have to leave eight
    });

    test("lets a message be rewritten at ×2, 5, 10, 20, 50 and so on", async () => {
      await taken(intake([alertOf("a")]));
      await store.settle(message("a"), told(1));
      const rungs: number[] = [];
      for (let count = 2; count <= 200; count++) {
        const [it] = (await taken(intake([alertOf("a")]))).taken;
        if (it?.edit) {
          rungs.push(count);
          await store.shown(SERVICE, "a", told(count));
        }
      }
      expect(rungs).toEqual([2, 5, 10, 20, 50, 100, 200]);
    });

    test("is spent by claims too: messages first, then the digest, then edits", async () => {
      await taken(intake(some(20)));
      await store.settle(message("e0"), told(1));
      await taken(intake([alertOf("e0")]));
      await taken(intake([], { dropped: 1 }));
      const dues = await claim(NOW + WINDOW);
      expect(dues.map(({ kind }) => kind)).toEqual([...Array(19).fill("message"), "digest"]);
      expect(await claim(NOW + WINDOW + 74_999)).toEqual([]);
      for (const due of dues) if (due.kind === "message") await store.settle(due, told(1));
      expect((await claim(NOW + WINDOW + 75_000)).map(({ kind }) => kind)).toContain("window");
    });
  });

  test("a mute swallows and counts, but never what is critical", async () => {
    await store.mute({ service: SERVICE, fingerprint: "a" }, NOW + 1_000, "it  broke\nagain");
    const events = [alertOf("a", { count: 3 }), alertOf("b"), alertOf("a", { severity: "critical" })];
    expect(await verdicts(intake(events))).toEqual(["muted", "admitted", "admitted"]);
    expect(await verdicts(intake([alertOf("a")], { service: "shop" }))).toEqual(["admitted"]);
    expect(await store.mutes()).toEqual([
      { service: SERVICE, fingerprint: "a", until: NOW + 1_000, swallowed: 3, title: "it broke again" },
    ]);
    expect(await verdicts(intake([alertOf("c")], { now: NOW + 2_000 }))).toEqual(["admitted"]);
  });

  test("a batch hears when the first of the mutes ends that swallowed something of it", async () => {
    await store.mute({ service: SERVICE, fingerprint: "a" }, NOW + 2_000, "");
    await store.mute({ service: SERVICE, fingerprint: "b" }, NOW + 1_000, "");
    await store.mute({ service: "shop" }, NOW + 500, "");
    const mutedUntil = async (...ids: string[]) => (await taken(intake(ids.map((id) => alertOf(id))))).mutedUntil;
    expect([await mutedUntil("a", "c", "b"), await mutedUntil("a"), await mutedUntil("c")]).toEqual([
      NOW + 1_000,
      NOW + 2_000,
      undefined,
    ]);
  });

  test.each([
    ["a service", { service: SERVICE }, "admitted"],
    ["all services", {}, "muted"],
  ])("a mute of %s is silent but for what is critical, until it ends", async (_, scope, other) => {
    await store.mute(scope, NOW + 1_000, "");
    expect(await verdicts(intake([alertOf("a"), alertOf("b", { severity: "critical" })]))).toEqual([
      "muted",
      "admitted",
    ]);
    expect(await verdicts(intake([alertOf("a")], { service: "shop" }))).toEqual([other]);
    expect(await verdicts(intake([alertOf("a")], { now: NOW + 1_000 }))).toEqual(["admitted"]);
  });

  test("the narrowest mute counts; one that is set again keeps its count and takes the new end", async () => {
    const kind = { service: SERVICE, fingerprint: "a" };
    await store.mute({}, NOW + 9_000, "");
    await store.mute(kind, NOW + 1_000, "it broke");
    await verdicts(intake([alertOf("a", { count: 5 }), alertOf("b")]));
    await store.mute(kind, NOW + 2_000, "");
    expect(await store.unmute(kind)).toEqual({ ...kind, until: NOW + 2_000, swallowed: 5, title: "it broke" });
    expect(await store.unmute(kind)).toBeUndefined();
    expect(await store.mutes()).toMatchObject([{ until: NOW + 9_000, swallowed: 1 }]);
  });

  test("the next end of a mute is due; what was told is gone, what was set or swallowed meanwhile is not", async () => {
    for (const [i, fingerprint] of ["a", "b", "c", "d"].entries())
      await store.mute({ service: SERVICE, fingerprint }, NOW + 1_000 + i, "");
    expect(await claim(NOW + 999)).toEqual([]);
    await verdicts(intake([alertOf("a"), alertOf("b"), alertOf("c")]));
    expect(await claim(NOW + 1_002)).toEqual([{ kind: "mutes" }]);
    const ended = (await store.mutes()).filter(({ until }) => until <= NOW + 1_002);
    await verdicts(intake([alertOf("b", { count: 4 })])); // a hub whose clock is late
    await store.mute({ service: SERVICE, fingerprint: "c" }, NOW + 50_000, "");
    await store.endMutes(ended);
    expect(await store.mutes()).toMatchObject([
      { fingerprint: "b", swallowed: 4 },
      { fingerprint: "c", swallowed: 0, until: NOW + 50_000 },
      { fingerprint: "d", swallowed: 0 },
    ]);
    expect(await claim(NOW + 1_001)).toEqual([{ kind: "mutes" }]);
  });

  test("a hundred mutes are enough, and the last one leaves nothing behind", async () => {
    const scope = (i: number) => ({ service: `s${i}` });
    for (let i = 0; i < 100; i++) expect(await store.mute(scope(i), NOW + 1_000, "")).toBe(true);
    expect(await store.mute(scope(100), NOW + 1_000, "")).toBe(false);
    expect(await store.mute(scope(7), NOW + 2_000, "")).toBe(true);
    for (let i = 0; i < 100; i++) await store.unmute(scope(i));
    expect([await upstash.command("HLEN", "sb:hub"), await upstash.command("ZCARD", "sb:wheel")]).toEqual([0, 0]);
  });

  test("of all who ask for a topic at once, one makes it", async () => {
    const asked = await Promise.all([1, 2, 3, 4].map(() => store.place(SERVICE, CHAT, NOW)));
    expect(asked.map(({ kind }) => kind).sort()).toEqual(["chat", "chat", "chat", "create"]);
    await store.topicMade(SERVICE, CHAT, 77);
    expect(await store.place(SERVICE, CHAT, NOW)).toEqual({ kind: "topic", threadId: 77 });
    expect(await taken(intake([], { chatId: CHAT }))).toMatchObject({ topic: "77" });
    const again = await Promise.all([1, 2].map(() => store.place(SERVICE, CHAT, NOW, 77)));
    expect(again.map(({ kind }) => kind).sort()).toEqual(["chat", "create"]);
  });

  test("who was to make a topic and died is replaced after its time", async () => {
    await store.place(SERVICE, CHAT, NOW);
    expect(await store.place(SERVICE, CHAT, NOW + LEASE - 1)).toEqual({ kind: "chat" });
    expect(await store.place(SERVICE, CHAT, NOW + LEASE)).toEqual({ kind: "create" });
  });

  test("a topic is made out of the chat's budget, and not during a penalty", async () => {
    for (let i = 0; i < 20; i++) await store.place(`s${i}`, CHAT, NOW);
    expect(await store.place(SERVICE, CHAT, NOW)).toEqual({ kind: "chat" });
    await store.block(CHAT, NOW + 100_000, undefined);
    expect(await store.place(SERVICE, CHAT, NOW + 99_999)).toEqual({ kind: "chat" });
    expect(await store.place(SERVICE, CHAT, NOW + 100_000)).toEqual({ kind: "create" });
  });

  test("a chat without topics is not asked again for a while, and hinted at once", async () => {
    await store.place(SERVICE, CHAT, NOW);
    expect(await store.withoutTopics(SERVICE, CHAT, NOW + 1_000, false)).toBe(false);
    expect(await store.withoutTopics(SERVICE, CHAT, NOW + 1_000, true)).toBe(true);
    expect(await store.withoutTopics(SERVICE, CHAT, NOW + 1_000, true)).toBe(false);
    expect(await store.place(SERVICE, CHAT, NOW + 999)).toEqual({ kind: "chat" });
    expect(await taken(intake([], { chatId: CHAT }))).toMatchObject({ channel: { plainUntil: NOW + 1_000 } });
    await store.revived(CHAT);
    expect(await store.place(SERVICE, CHAT, NOW)).toEqual({ kind: "create" });
  });

  test("an older key is refused once a newer one was used", async () => {
    await taken(intake([]));
    await taken(intake([], { generation: 2 }));
    expect(await store.ingest(intake([alertOf("a")]))).toBe("revoked");
    expect(await verdicts(intake([alertOf("a")], { generation: 2 }))).toEqual(["admitted"]);
  });

  test("a message is born leased: nobody else may claim it until the lease is over, and then only one", async () => {
    await taken(intake([alertOf("a")]));
    expect(await claim(NOW + LEASE - 1, NOW + 2 * LEASE, 50)).toEqual([]);
    const claims = await Promise.all([1, 2, 3].map(() => claim(NOW + LEASE, NOW + 2 * LEASE, 50)));
    expect(claims.flat()).toEqual([message("a")]);
  });

  test("a claimed message carries all that is needed to tell it", async () => {
    await taken(intake([alertOf("a"), alertOf("a", { payload: "ünï🦊\u2028 '\\" })]));
    const [entry] = await store.read([message("a")], CHAT);
    expect(entry).toMatchObject({
      tally: { count: 2 },
      alert: { service: SERVICE, event: { title: "it broke ünï🦊\u2028 '\\" } },
    });
  });

  test("a settled message is off the wheel, and its repeats know where it is", async () => {
    await taken(intake([alertOf("a")]));
    await taken(intake([alertOf("a", { count: 4 })]));
    expect(await store.settle(message("a"), told(1))).toBe(0);
    expect(await claim(NOW + LEASE, NOW + 2 * LEASE, 50)).toEqual([]);
    const { taken: events } = await taken(intake([alertOf("a")]));
    expect(events[0]).toMatchObject({
      verdict: "repeat",
      tally: { count: 6 },
      message: { chatId: -1, messageId: 7, shown: 1 },
    });
  });

  test("a postponed message is not due before its time; one that was settled meanwhile does not come back", async () => {
    await taken(intake([alertOf("a"), alertOf("b")]));
    await store.settle(message("b"), told(1));
    for (const id of ["a", "b"]) await store.postpone(message(id), NOW + 60_000);
    expect(await claim(NOW + 59_999)).toEqual([]);
    expect(await claim(NOW + 60_000)).toEqual([message("a")]);
  });

  test("what a penalty met waits until it is over", async () => {
    await taken(intake([alertOf("a")]));
    await store.block(CHAT, NOW + 40_000, message("a"));
    expect(await claim(NOW + 39_999)).toEqual([]);
    expect(await claim(NOW + 40_000)).toEqual([message("a")]);
  });

  test("a chat's state is known to every hub", async () => {
    for (const times of [1, 2, 4, 8, 16, 32, 60, 60])
      expect(await store.die(-78, NOW, "Forbidden: bot was kicked")).toBe(NOW + times * 60_000);
    await store.moved(CHAT, -78);
    const channel = { movedTo: -78, dead: "Forbidden: bot was kicked", blockedUntil: NOW + 3_600_000 };
    expect(await taken(intake([], { chatId: CHAT }))).toMatchObject({ channel });
    expect(await store.claim(NOW, NOW, 1, CHAT)).toEqual({ channel, dues: [], more: false });
    expect(await store.revived(-78)).toBe(true);
    expect((await store.claim(NOW, NOW, 1, CHAT)).channel).toEqual({ movedTo: -78 });
    await store.block(CHAT, NOW + 60_000, undefined);
    expect(await store.revived(CHAT)).toBe(false);
    expect(await upstash.command("HGET", "sb:hub", `blocked:${CHAT}`)).toBe(String(NOW + 60_000));
  });

  test("a window closes unless it was repeated since it was read", async () => {
    await taken(intake([alertOf("a")]));
    await store.settle(message("a"), told(1));
    await taken(intake([alertOf("a")], { now: NOW + 1 }));
    const [before] = await store.read([window("a")], CHAT);
    await taken(intake([alertOf("a")], { now: NOW + 2 }));
    await store.close(window("a"), before?.seen ?? "", told(2));
    expect(await claim(NOW + 2 + WINDOW, NOW + 2 * WINDOW, 50)).toEqual([window("a")]);
    const [after] = await store.read([window("a")], CHAT);
    await store.close(window("a"), after?.seen ?? "", told(3));
    expect(await claim(NOW + 3 * WINDOW, NOW + 4 * WINDOW, 50)).toEqual([]);
  });

  test("a service's hash stays small however many kinds it has seen, and keeps what is open", async () => {
    await store.mute({ service: SERVICE, fingerprint: "seen" }, NOW * 3, "");
    for (let i = 0; i < 20; i++) {
      const now = NOW + i * 2 * WINDOW;
      const alerts = Array.from({ length: 25 }, (_, k) => alertOf(`k${i}x${k}`));
      await taken(intake([...alerts, alertOf("seen")], { now }));
      for (const { id } of alerts) if (id !== "k3x3") await store.refused(message(id));
    }
    expect(await claim(NOW + 40 * WINDOW)).toContainEqual({ kind: "prune", service: SERVICE });
    await prune();
    expect(await upstash.command("HLEN", `sb:s:${SERVICE}`)).toBeLessThan(250);
    expect(await store.mutes()).toMatchObject([{ fingerprint: "seen", swallowed: 20 }]);
    expect((await store.read([message("k3x3")], CHAT))[0]).toMatchObject({ tally: { count: 1 } });
  });

  test.skipIf(engine === "embedded")(
    "while Telegram is away a service has 500 messages waiting at most, the rest is merged",
    async () => {
      for (let i = 0; i < 30; i++) {
        const alerts = Array.from({ length: 30 }, (_, k) => alertOf(`k${i}x${k}`));
        await taken(intake(alerts, { now: NOW + i * 60_000 }));
      }
      expect((await store.health(NOW + 60_000, CHAT)).outbox).toBe(500);
      expect(await merged()).toMatchObject({ count: 400 });
      expect(await verdicts(intake([alertOf("x", { severity: "critical" })], { now: NOW + WINDOW * 9 }))).toEqual([
        "admitted",
      ]);
      for (let i = 0; i < 30; i++) for (let k = 0; k < 30; k++) await store.settle(message(`k${i}x${k}`), told(1));
      expect(await verdicts(intake([alertOf("y")], { now: NOW + WINDOW * 20 }))).toEqual(["digested"]);
      await prune();
      expect(await verdicts(intake([alertOf("y")], { now: NOW + WINDOW * 20 }))).toEqual(["admitted"]);
    },
  );

  test("a batch is recognised after a hundred others", async () => {
    const first = intake([alertOf("a")]);
    await taken(first);
    for (let i = 0; i < 100; i++) await taken(intake([alertOf("a")]));
    expect(await taken({ ...first, callId: "another" })).toMatchObject({ replayed: true });
  });

  test("a service is forgotten 30 days after the day of its last batch, but for the generation of a rotated key", async () => {
    const month = 30 * 24 * 3_600_000;
    const due = { kind: "forget", service: SERVICE } as const;
    const forget = (now: number) => store.forget(due, now, "5e71ce00");
    await taken(intake([alertOf("a")]));
    await store.refused(message("a"));
    await taken(intake([], { now: NOW + 24 * 3_600_000 }));
    expect(await claim(NOW + month)).toEqual([]);
    expect(await claim(NOW + month + 24 * 3_600_000)).toEqual([due]);
    await forget(NOW + month - 24 * 3_600_000); // it has been heard of since this was claimed
    expect(await upstash.command("EXISTS", `sb:s:${SERVICE}`)).toBe(1);
    await forget(NOW + month + 24 * 3_600_000);
    expect(await upstash.command("EXISTS", `sb:s:${SERVICE}`)).toBe(0);
    expect(await upstash.command("HGET", "sb:hub", "name:5e71ce00")).toBeNull();
    await taken(intake([], { generation: 2 }));
    await forget(NOW * 2);
    expect(await upstash.command("HGETALL", `sb:s:${SERVICE}`)).toEqual(["gen", "2"]);
    expect(await store.ingest(intake([]))).toBe("revoked");
  });

  test("a service that is expected to beat is not forgotten, one that is down leaves nothing behind", async () => {
    const month = 30 * 24 * 3_600_000;
    const beat = (name: string, every: number) => {
      const asks = { expectation: { every, grace: 60_000 }, slots: [] };
      const whose = { service: SERVICE, serviceId: "5e71ce00", generation: 1, exit: 0, run: "", requestId: name };
      return store.beat({ ...whose, now: NOW, name, action: "success", asks });
    };
    await beat("yearly", 12 * month);
    await beat("daily", month / 30);
    await store.lapse(NOW + month, [{ service: SERVICE, name: "daily" }]);
    const due = { kind: "forget", service: SERVICE } as const;
    await store.forget(due, NOW + month, "5e71ce00");
    expect(await store.monitorsOf(SERVICE)).toEqual(["yearly", "daily"]);
    await store.lapse(NOW + 13 * month, [{ service: SERVICE, name: "yearly" }]);
    await store.forget(due, NOW + 13 * month, "5e71ce00");
    expect([await upstash.command("DBSIZE"), await upstash.command("HLEN", "sb:hub")]).toEqual([0, 0]);
  });

  test("a service's name is found by its id", async () => {
    await taken(intake([]));
    expect(await upstash.command("HGET", "sb:hub", "name:5e71ce00")).toBe(SERVICE);
  });

  test("the tick answers when it last ran", async () => {
    expect(await store.tick(NOW)).toEqual({ due: 0 });
    await taken(intake([alertOf("a")]));
    expect(await store.tick(NOW + LEASE)).toEqual({ last: NOW, due: 1 });
    expect(await store.health(NOW, CHAT)).toEqual({ lastTick: NOW + LEASE, outbox: 1, refused: 0 });
  });

  test("a store that is away says so in words that are safe to log", async () => {
    upstash.faults.set({ kind: "status", status: 500, times: 1 });
    const failure = await taken(intake([alertOf("a", { payload: "hush" })])).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "StoreError" });
    expect(String(failure)).not.toContain("hush");
  });

  describe("what an operation costs, in HTTP calls and billed commands", () => {
    beforeEach(() => taken(intake([], { service: "warm-up" })));

    test.each([1, 20, 50])("a batch of %i new events", async (size) => {
      const alerts = Array.from({ length: size }, (_, i) => alertOf(`e${i}`));
      expect(await billed(() => taken(intake(alerts)))).toEqual({ http: 1, billed: 6 }); // the service's first ever
      const more = Array.from({ length: size }, (_, i) => alertOf(`f${i}`));
      const cost = await billed(() => taken(intake(more, { now: NOW + 60_000 })));
      expect(cost.http).toBe(1);
      expect(cost.billed).toBeLessThanOrEqual(6);
    });

    test("twenty new events of a known service, and twenty repeats", async () => {
      await taken(intake([alertOf("a")]));
      const cost = () => billed(() => taken(intake(twenty(), { chatId: CHAT })));
      expect(await cost()).toEqual({ http: 1, billed: 6 });
      expect(await cost()).toEqual({ http: 1, billed: 5 });
    });

    test("no batch of many costs more than six, pruning included", async () => {
      for (let i = 0; i < 12; i++) {
        const cost = await billed(() => taken(intake(twenty(i * 20), { now: NOW + i * 2 * WINDOW })));
        expect(cost.http).toBe(1);
        expect(cost.billed).toBeLessThanOrEqual(6);
        for (const { id } of twenty(i * 20)) await store.refused(message(id));
      }
      expect((await billed(prune)).billed).toBeLessThanOrEqual(6);
    });

    test("a delivered message, settled", async () => {
      await taken(intake([alertOf("a")]));
      expect(await billed(() => store.settle(message("a"), told(1)))).toEqual({ http: 1, billed: 3 });
    });

    test("an idle tick", async () => {
      expect(await billed(() => store.tick(NOW))).toEqual({ http: 1, billed: 2 });
    });

    const caller = (updateId: number) => {
      const whose = { userId: 7, chatId: CHAT, threadId: undefined, given: CHAT };
      return { now: NOW, updateId, ...whose, call: "must" } as const;
    };

    test("an update of the chat, once and again, the count of its user's included", async () => {
      await store.enter(caller(1));
      await store.enter(caller(2)); // from now on Redis knows both scripts
      const cost = await billed(async () =>
        expect(await store.enter(caller(3))).toMatchObject({ kind: "in", granted: true }),
      );
      expect(cost).toEqual({ http: 1, billed: 5 });
      const again = await billed(async () => expect(await store.enter(caller(3))).toEqual({ kind: "seen" }));
      expect(again).toEqual({ http: 1, billed: 4 });
    });

    test("an update of another chat", async () => {
      await store.enter(caller(1));
      await store.enter({ ...caller(2), chatId: 5 });
      expect((await billed(() => store.enter({ ...caller(3), chatId: 5 }))).billed).toBe(4);
    });

    test("a chat that is bound, and unbound", async () => {
      await store.bind(caller(1));
      expect(await billed(() => store.bind({ ...caller(2) }))).toEqual({ http: 1, billed: 3 });
      expect(await billed(() => store.unbind())).toEqual({ http: 1, billed: 1 });
    });

    test("a mute by a button, and its end", async () => {
      const scope = { service: SERVICE, fingerprint: "a1b2c3d4" };
      await store.mute({}, NOW + WINDOW, "");
      expect(await billed(() => store.mute(scope, NOW + WINDOW, "it broke"))).toEqual({ http: 1, billed: 5 });
      expect(await billed(() => store.cutShort(SERVICE, "a1b2c3d4", NOW))).toEqual({ http: 1, billed: 5 });
    });

    test("a bad key", async () => {
      const guard = createGuard(connect(upstash.url, upstash.token));
      await guard("192.0.2.1");
      const cost = await billed(() => guard("192.0.2.1"));
      expect(cost.http).toBe(1);
      expect(cost.billed).toBeLessThanOrEqual(3);
    });
  });
});
