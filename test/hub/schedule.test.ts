import { CronExpressionParser } from "cron-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextSlots, readSchedule, type Schedule } from "../../src/hub/schedule.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 20, 12);

type Query = Parameters<typeof readSchedule>[0];

const read = (query: Query): ReturnType<typeof readSchedule> => readSchedule(query, NOW);
const crontab = (cron: string, tz = "UTC"): Schedule => ({ kind: "cron", cron, tz, grace: HOUR });

/** `2026-11-21T03:00`, in UTC */
const said = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
const slots = (cron: string, tz: string, after: string, count: number): string[] =>
  nextSlots(crontab(cron, tz), Date.parse(`${after}Z`), count).map(said);

describe("readSchedule", () => {
  test("a query without a schedule asks for none", () => {
    expect(read({})).toBeUndefined();
    expect(read({ rid: "7", every: undefined })).toBeUndefined();
  });

  test("a period is read", () => {
    expect(read({ every: "1h", grace: "5m", max: "30m" })).toEqual({
      kind: "every",
      every: HOUR,
      grace: 5 * MINUTE,
      max: 30 * MINUTE,
    });
  });

  test("a cron is read in its time zone", () => {
    expect(read({ cron: " 0  3 * * mon-fri ", tz: "Europe/Berlin", grace: "0" })).toEqual({
      kind: "cron",
      cron: "0 3 * * mon-fri",
      tz: "Europe/Berlin",
      grace: 0,
    });
  });

  test("a cron without a time zone is read in UTC", () => {
    expect(read({ cron: "0 3 * * *" })).toMatchObject({ tz: "UTC" });
  });

  test("nicknames are written out", () => {
    expect(read({ cron: "@Daily" })).toMatchObject({ cron: "0 0 * * *" });
  });

  test.each([
    [{ every: "10s" }, MINUTE],
    [{ every: "5m" }, MINUTE],
    [{ every: "1h" }, 12 * MINUTE],
    [{ every: "1d" }, HOUR],
    [{ every: "365d" }, HOUR],
    [{ cron: "* * * * *" }, MINUTE],
    [{ cron: "*/5 * * * *" }, 5 * MINUTE],
    [{ cron: "0,10 9 * * *" }, 10 * MINUTE],
    [{ cron: "0,10 12 * * *" }, 10 * MINUTE],
    [{ cron: "0 * * * *" }, HOUR],
    [{ cron: "0 3 * * *" }, HOUR],
    [{ cron: "0 0 29 2 *" }, HOUR],
  ])("without a grace there is one: %j", (query, grace) => {
    expect(read(query)).toMatchObject({ grace });
  });

  test("a grace does not shrink because clocks are about to be set forward", () => {
    const saturday = Date.UTC(2027, 2, 27, 12); // on Sunday a minute lies between 1:59 and what 2:59 becomes
    expect(readSchedule({ cron: "59 1,2 * * *", tz: "Europe/Berlin" }, saturday)).toMatchObject({ grace: HOUR });
  });

  const range = "such as 90s, 5m, 1h30m or 1d";
  const five =
    "cron: not the five fields minute, hour, day, month and weekday, such as 0 3 * * *; seconds and years are not read";
  const never = "cron: names no day in the next 8 years; mend its day, month or weekday";
  const zone = "tz: not a time zone's name, such as Europe/Berlin or UTC";
  test.each<[Query, string]>([
    [{ every: "9s" }, `every: not a time from 10s to 365d, ${range}`],
    [{ every: "366d" }, `every: not a time from 10s to 365d, ${range}`],
    [{ every: "often" }, `every: not a time from 10s to 365d, ${range}`],
    [{ every: "" }, `every: not a time from 10s to 365d, ${range}`],
    [{ every: "1h", grace: "-1m" }, `grace: not a time from 0 to 365d, ${range}`],
    [{ every: "1h", max: "0" }, `max: not a time from 1s to 365d, ${range}`],
    [{ every: "1h", cron: "0 3 * * *" }, "every: stands beside cron; keep one of them"],
    [{ every: "1h", tz: "UTC" }, "tz: stands without cron; give cron, or leave it out"],
    [{ grace: "5m" }, "grace: stands without a schedule; give every or cron too"],
    [{ max: "5m" }, "max: stands without a schedule; give every or cron too"],
    [{ cron: "0 3 * * *", tz: "Europe/Atlantis" }, zone],
    [{ cron: "0 3 * * *", tz: "+02:00" }, zone],
    [{ cron: "0 3 * * *", tz: "" }, zone],
    [{ cron: "" }, five],
    [{ cron: "@reboot" }, five],
    [{ cron: "0 0 3 * * *" }, five],
    [{ cron: "0 3 * * MON 2027" }, five],
    [{ cron: "0 3 * * +MON" }, five],
    [{ cron: "60 3 * * *" }, "cron: minute 60 is none of 0-59, nor a list, range or step of them"],
    [{ cron: "0 24 * * *" }, "cron: hour 24 is none of 0-23, nor a list, range or step of them"],
    [{ cron: "0 17-9 * * *" }, "cron: hour 17-9 is none of 0-23, nor a list, range or step of them"],
    [{ cron: "0 3 0 * *" }, "cron: day 0 is none of 1-31, nor a list, range or step of them"],
    [{ cron: "0 3 * JUNE *" }, "cron: month JUNE is none of 1-12 or JAN-DEC, nor a list, range or step of them"],
    [{ cron: "0 3 * * 8" }, "cron: weekday 8 is none of 0-7 or SUN-SAT, nor a list, range or step of them"],
    [{ cron: "*/0 * * * *" }, "cron: minute */0 is none of 0-59, nor a list, range or step of them"],
    [{ cron: "9-1/2 * * * *" }, "cron: minute 9-1/2 is none of 0-59, nor a list, range or step of them"],
    [{ cron: "1-9/2/2 * * * *" }, "cron: minute 1-9/2/2 is none of 0-59, nor a list, range or step of them"],
    [{ cron: "0 0 31 2 *" }, never],
    [{ cron: "0 0 31 4,6,9,11 *", tz: "Asia/Kathmandu" }, never],
    [{ cron: "0 0 * 2 MON#5" }, never], // in 2044
    [{ cron: `${"0,".repeat(200)}0 3 * * *` }, "cron: longer than 256 characters"],
  ])("a fault names the parameter and its mend: %j", (query, fault) => {
    expect(read(query)).toEqual({ fault });
  });

  test("no query throws, and whatever is read has a next slot", () => {
    const word = fc.constantFrom(..."* 0 1 7 29 31 59 - / , L W # ? @ MON FEB */ 2-4 1#2 5L @daily + : é".split(" "));
    const near = fc
      .array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 6 })
      .map((fields) => fields.map((parts) => parts.join("")).join(" "));
    const text = fc.option(fc.oneof(near, fc.string(), fc.constantFrom("5m", "UTC", "1d")), { nil: undefined });
    const field = fc.constantFrom("*", "*/2", "1", "1-5", "L", "1#2", "5L", "2,3");
    const cron = fc.tuple(field, field, field, field, field).map((fields) => fields.join(" "));
    const queries = fc.oneof(
      fc.record({ every: text, grace: text, max: text, cron: text, tz: text }),
      fc.record({ cron: fc.oneof(near, cron) }),
    );
    fc.assert(
      fc.property(queries, (query) => {
        const found = read(query);
        if (found === undefined || "fault" in found) return;
        const [slot = 0] = nextSlots(found, NOW, 1);
        expect(slot).toBeGreaterThan(NOW);
      }),
      { numRuns: 300 },
    );
  });

  test("a hostile cron is answered soon", () => {
    const never = ["0 0 */30 * 0#2,1#2,2#2,3#2,4#2,5#2,6#2", "* * 31W 2 *", `0 0 ${"31,".repeat(60)}31 2 *`];
    const long = ["9", " ", "*/1,", "1-", "0-59/1,", "MON,"].flatMap((it) => [
      it.repeat(1e6),
      `${it.repeat(30)} * * * *`,
    ]);
    for (const cron of [...never, ...long]) {
      const started = performance.now();
      read({ cron, tz: "Australia/Lord_Howe" });
      expect(performance.now() - started, cron.slice(0, 40)).toBeLessThan(1_500); // in centuries it would be much longer
    }
  });
});

describe("nextSlots", () => {
  test("a period begins anew with each beat", () => {
    const schedule: Schedule = { kind: "every", every: 5 * MINUTE, grace: MINUTE };
    expect(nextSlots(schedule, NOW + 7, 2)).toEqual([NOW + 7 + 5 * MINUTE, NOW + 7 + 10 * MINUTE]);
  });

  test("the slot at which a beat comes is not the next one", () => {
    expect(slots("0 3 * * *", "UTC", "2026-11-20T02:59:59.999", 1)).toEqual(["2026-11-20T03:00"]);
    expect(slots("0 3 * * *", "UTC", "2026-11-20T03:00", 1)).toEqual(["2026-11-21T03:00"]);
    expect(slots("0 3 * * *", "UTC", "2026-11-20T03:00:00.001", 1)).toEqual(["2026-11-21T03:00"]);
  });

  test("the hour is that of the zone, which may have quarters", () => {
    expect(slots("0 3 * * *", "Asia/Kathmandu", "2026-11-20T12:00", 2)).toEqual([
      "2026-11-20T21:15",
      "2026-11-21T21:15",
    ]);
    expect(slots("0 3 * * *", "asia/KATMANDU", "2026-11-20T12:00", 1)).toEqual(["2026-11-20T21:15"]);
  });

  test("the year is that of the zone", () => {
    expect(slots("30 21 31 12 *", "America/New_York", "2027-01-01T02:00", 1)).toEqual(["2027-01-01T02:30"]);
    expect(slots("30 0 1 1 *", "Asia/Kathmandu", "2026-12-31T12:00", 1)).toEqual(["2026-12-31T18:45"]);
  });

  test("months end where they do", () => {
    expect(slots("0 0 31 * *", "UTC", "2027-01-31T12:00", 3)).toEqual([
      "2027-03-31T00:00",
      "2027-05-31T00:00",
      "2027-07-31T00:00",
    ]);
    expect(slots("0 0 L * *", "UTC", "2028-01-31T12:00", 3)).toEqual([
      "2028-02-29T00:00",
      "2028-03-31T00:00",
      "2028-04-30T00:00",
    ]);
    expect(slots("0 0 29 2 *", "UTC", "2095-01-01T00:00", 2)).toEqual(["2096-02-29T00:00"]); // 2100 has none
    expect(slots("0 0 29 2 *", "UTC", "2096-02-29T00:00", 1)).toEqual(["2104-02-29T00:00"]);
  });

  test("a step goes on to the end of its range", () => {
    const minutes = ["2026-11-20T12:05", "2026-11-20T12:25", "2026-11-20T12:45", "2026-11-20T13:05"];
    expect(slots("5/20 * * * *", "UTC", "2026-11-20T12:00", 4)).toEqual(minutes);
    expect(slots("0 0 27/3 * *", "UTC", "2026-11-20T12:00", 3)).toEqual([
      "2026-11-27T00:00",
      "2026-11-30T00:00",
      "2026-12-27T00:00",
    ]);
  });

  test("weekdays are counted and looked for", () => {
    expect(slots("0 9 * * MON#2", "UTC", "2026-11-20T12:00", 2)).toEqual(["2026-12-14T09:00", "2027-01-11T09:00"]);
    expect(slots("0 9 * * 5L", "UTC", "2026-11-20T12:00", 2)).toEqual(["2026-11-27T09:00", "2026-12-25T09:00"]);
    expect(slots("0 9 15W * *", "UTC", "2026-11-01T12:00", 1)).toEqual(["2026-11-16T09:00"]); // the 15th is a Sunday
    expect(slots("0 9 LW * *", "UTC", "2027-01-01T12:00", 1)).toEqual(["2027-01-29T09:00"]); // the 31st is one too
    expect(slots("0 9 * * FRI-SUN", "UTC", "2026-11-20T12:00", 3)).toEqual([
      "2026-11-21T09:00",
      "2026-11-22T09:00",
      "2026-11-27T09:00",
    ]);
    expect(slots("0 9 ? * 7", "UTC", "2026-11-20T12:00", 1)).toEqual(["2026-11-22T09:00"]);
  });

  test("of day and weekday either is enough", () => {
    expect(slots("0 0 13 * FRI", "UTC", "2026-11-07T00:00", 3)).toEqual([
      "2026-11-13T00:00",
      "2026-11-20T00:00",
      "2026-11-27T00:00",
    ]);
    expect(slots("0 0 13 * MON", "UTC", "2026-11-09T00:00", 2)).toEqual(["2026-11-13T00:00", "2026-11-16T00:00"]);
  });

  // The crontab of Debian asks how a field begins, croner and cron-parser ask whether it is a star and nothing else.
  test("but both must fit when one of them begins with a star", () => {
    expect(slots("0 0 */2 * MON", "UTC", "2026-11-01T00:00", 3)).toEqual([
      "2026-11-09T00:00",
      "2026-11-23T00:00",
      "2026-12-07T00:00",
    ]);
    expect(slots("0 0 1-7 * */7", "UTC", "2026-11-01T00:00", 2)).toEqual(["2026-12-06T00:00", "2027-01-03T00:00"]);
  });

  test("a cron that has no more slots in the next eight years has fewer", () => {
    expect(slots("0 0 * 2 SUN#5", "UTC", "2026-01-01T00:00", 3)).toEqual(["2032-02-29T00:00"]);
    expect(slots("0 0 * 2 SUN#5", "UTC", "2032-02-29T00:00", 3)).toEqual([]); // until 2060
  });

  test("a schedule that cannot be read throws", () => {
    expect(() => nextSlots(crontab("0 25 * * *"), NOW, 1)).toThrow();
    expect(() => nextSlots(crontab("0 3 * * *", "Europe/Atlantis"), NOW, 1)).toThrow();
  });
});

describe("where clocks are set forward", () => {
  const berlin = "Europe/Berlin"; // 2027-03-28, from 2:00 to 3:00, which is 1:00 in UTC
  const lordHowe = "Australia/Lord_Howe"; // 2027-10-03, from 2:00 to 2:30, which is 15:30 the day before in UTC

  test("what falls into the gap is due once, when the gap ends", () => {
    expect(slots("30 2 * * *", berlin, "2027-03-27T12:00", 2)).toEqual(["2027-03-28T01:00", "2027-03-29T00:30"]);
    expect(slots("0,30 2 * * *", berlin, "2027-03-27T12:00", 2)).toEqual(["2027-03-28T01:00", "2027-03-29T00:00"]);
    expect(slots("15 2 * * *", lordHowe, "2027-10-02T12:00", 2)).toEqual(["2027-10-02T15:30", "2027-10-03T15:15"]);
  });

  test("a beat of the hour after the gap is due at the same time as what fell into it", () => {
    expect(slots("0 2,3 * * *", berlin, "2027-03-27T12:00", 2)).toEqual(["2027-03-28T01:00", "2027-03-29T00:00"]);
  });

  // Croner takes any step for a wildcard, Debian's cron only a star at the beginning.
  test("hours with a step are fixed hours", () => {
    expect(slots("30 0-6/2 * * *", berlin, "2027-03-28T00:00", 2)).toEqual(["2027-03-28T01:00", "2027-03-28T02:30"]);
    expect(slots("30 2/2 * * *", berlin, "2027-03-28T00:00", 2)).toEqual(["2027-03-28T01:00", "2027-03-28T02:30"]);
    expect(slots("30 2,*/8 * * *", berlin, "2027-03-28T00:00", 2)).toEqual(["2027-03-28T01:00", "2027-03-28T06:30"]);
  });

  test("with a star at the beginning what falls into the gap is not due", () => {
    expect(slots("30 */2 * * *", berlin, "2027-03-28T00:00", 2)).toEqual(["2027-03-28T02:30", "2027-03-28T04:30"]);
    expect(slots("*/15 2 * * *", berlin, "2027-03-28T00:00", 1)).toEqual(["2027-03-29T00:00"]);
    expect(slots("*/20 * * * *", lordHowe, "2027-10-02T15:00", 3)).toEqual([
      "2027-10-02T15:10",
      "2027-10-02T15:40",
      "2027-10-02T16:00",
    ]);
  });

  test("a gap that begins with the day is like any other", () => {
    expect(slots("30 0 * * *", "Africa/Cairo", "2027-04-29T12:00", 2)).toEqual([
      "2027-04-29T22:00",
      "2027-04-30T21:30",
    ]);
  });

  // Cron would be due at 1:00, the next midnight of Nuuk. A run that is missed there is found the day after.
  test("what falls into a gap that ends at midnight is not due", () => {
    expect(slots("30 23 * * *", "America/Nuuk", "2027-03-27T12:00", 1)).toEqual(["2027-03-29T00:30"]);
  });
});

describe("where clocks are set back", () => {
  const newYork = "America/New_York"; // 2026-11-01, from 2:00 to 1:00, which is 6:00 in UTC
  const lordHowe = "Australia/Lord_Howe"; // 2027-04-04, from 2:00 to 1:30, which is 15:00 the day before in UTC

  test("what comes twice is due once, the first time", () => {
    expect(slots("30 1 * * *", newYork, "2026-11-01T00:00", 2)).toEqual(["2026-11-01T05:30", "2026-11-02T06:30"]);
    expect(slots("45 1 * * *", lordHowe, "2027-04-03T12:00", 2)).toEqual(["2027-04-03T14:45", "2027-04-04T15:15"]);
  });

  test("a beat of the second time is followed by the next day", () => {
    expect(slots("30 1 * * *", newYork, "2026-11-01T06:10", 1)).toEqual(["2026-11-02T06:30"]);
  });

  test("with a star at the beginning what comes twice is due twice", () => {
    expect(slots("30 * * * *", newYork, "2026-11-01T05:00", 3)).toEqual([
      "2026-11-01T05:30",
      "2026-11-01T06:30",
      "2026-11-01T07:30",
    ]);
    expect(slots("*/20 1 * * *", lordHowe, "2027-04-03T14:10", 4)).toEqual([
      "2027-04-03T14:20",
      "2027-04-03T14:40",
      "2027-04-03T15:10",
      "2027-04-04T14:30",
    ]);
  });
});

describe("over ten years", () => {
  const FIRST = Date.UTC(2024, 0, 1);
  const DAYS = 3_653;
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
  zones.push("Africa/Cairo", "Pacific/Chatham", "UTC"); // a gap at midnight, a gap from 2:45 to 3:45, none

  test.each(zones)("the slots of %s are those of an independent calendar", (tz) => {
    const clock = clockOf(tz);
    const days = Array.from({ length: DAYS }, (_, i) => FIRST + i * DAY);
    const moved = days.filter((day) => clock.ahead(day) !== clock.ahead(day + DAY));
    const anyTime = fc.integer({ min: FIRST, max: FIRST + DAYS * DAY });
    const nearChange = fc.integer({ min: -DAY / MINUTE, max: (2 * DAY) / MINUTE }).map((it) => it * MINUTE);
    const changes = moved.map((day) => nearChange.map((it) => day + it));
    const times = fc.oneof(anyTime, ...changes);
    fc.assert(
      fc.property(crons, times, (cron, after) => {
        const [first = 0, second = 0] = nextSlots(crontab(cron, tz), after, 2);
        expect([first, second].map(said)).toEqual([after, first].map((it) => said(dueAfter(cron, clock, it))));
      }),
      { numRuns: 300 },
    );
  });

  const number = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String);
  const several = (least: number, most: number) =>
    fc
      .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 2, maxLength: 4 })
      .map((some) => some.sort((a, b) => a - b));
  const list = (least: number, most: number) => several(least, most).map((some) => some.join());
  const range = (least: number, most: number) => several(least, most).map((some) => `${some[0]}-${some.at(-1)}`);
  const step = (of: fc.Arbitrary<string>, most: number) =>
    fc.tuple(of, fc.integer({ min: 1, max: most })).map((it) => it.join("/"));
  const star = fc.constant("*");
  const time = (last: number) =>
    fc.oneof(
      ...[star, step(star, last), number(0, last), number(0, last), list(0, last), range(0, last)],
      step(range(0, last), 9),
    );
  const night = fc.constantFrom("0", "1", "2", "3", "1-3", "0-23/2", "2,3", "2/3"); // when clocks are moved
  const day = fc.oneof(star, star, number(1, 31), list(1, 28), range(1, 31), fc.constantFrom("L", "29-31", "1-31/2"));
  const month = fc.constantFrom("*", "*", "1-6", "JAN,JUL,OCT", "*/3");
  const weekday = fc.oneof(star, star, fc.constantFrom("SUN", "7", "1-5", "6,0", "MON#1", "0L", "3#5", "5L"));
  const crons = fc.tuple(time(59), fc.oneof(time(23), night), day, month, weekday).map((fields) => fields.join(" "));

  interface Clock {
    /** What the zone's clock shows, as though it hung in Greenwich. */
    shows(moment: number): number;
    /** How far it is ahead of Greenwich. */
    ahead(moment: number): number;
  }

  function clockOf(timeZone: string): Clock {
    const swedish = new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "medium" }); // 2026-11-20 12:00:00
    const shows = (moment: number): number => Date.parse(`${swedish.format(moment)}Z`);
    return { shows, ahead: (moment) => shows(moment) - Math.floor(moment / SECOND) * SECOND };
  }

  /**
   * The first slot after a moment. What the clock has to show is taken from cron-parser, which only ever sees a clock
   * that is not moved: in a gap it would go on by the length of the gap, where Debian's cron and Healthchecks are due
   * when the gap ends. When the clock shows it is found here, the slow way.
   */
  function dueAfter(cron: string, clock: Clock, after: number): number {
    const isFixed = !/^\*|^\S+ \*/.test(cron);
    const setBack = Math.max(0, clock.ahead(after) - clock.ahead(after + 3 * HOUR)); // what was shown is shown again
    const currentDate = clock.shows(after) - setBack - SECOND;
    const faces = CronExpressionParser.parse(cron, { tz: "UTC", currentDate });
    for (let first = Number.POSITIVE_INFINITY; ; ) {
      const face = faces.next().getTime();
      const moments = isFixed ? [reaching(face, clock)] : showing(face, clock);
      first = Math.min(first, ...moments.filter((it) => it > after));
      if (face > clock.shows(after) && first < Number.POSITIVE_INFINITY) return first;
    }
  }

  /** When the clock shows a time: never in a gap, twice where it is set back. */
  function showing(face: number, { shows, ahead }: Clock): number[] {
    return [face - ahead(face - DAY), face - ahead(face + DAY)].filter((moment) => shows(moment) === face);
  }

  /** When the clock first shows a time, or has gone past it. */
  function reaching(face: number, { shows, ahead }: Clock): number {
    let moment = face - Math.max(ahead(face - DAY), ahead(face + DAY));
    while (shows(moment) < face) moment += MINUTE;
    return moment;
  }
});
