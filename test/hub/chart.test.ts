import { expect, test } from "vitest";
import type { Chart, Metric, Panel, Point } from "../../src/hub/chart/chart.ts";
import { chartText } from "../../src/hub/chart/text.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MEGABYTE = 2 ** 20;
const to = Date.UTC(2026, 3, 17, 12, 17, 35);

function panelOf(metric: Metric, points: readonly Point[], limit?: number): Panel {
  return { metric, lines: [{ instance: "api-1", points }], ...(limit !== undefined && { limit }) };
}

function chartOf(panels: readonly Panel[], span: number = 5 * MINUTE, marks: Chart["marks"] = []): Chart {
  return { service: "orders-api", from: to - span, to, panels, marks };
}

/** Samples at equal distances from a chart's beginning to its end. */
function samples(count: number, value: (part: number) => number, span: number = 5 * MINUTE): readonly Point[] {
  return Array.from(
    { length: count },
    (_, i) => [to - span + (i * span) / (count - 1), value(i / (count - 1))] as const,
  );
}

/** What is said of one metric: the text without the times below it. */
function said(metric: Metric, points: readonly Point[], span: number = 5 * MINUTE): string {
  return chartText(chartOf([panelOf(metric, points)], span))
    .split("\n")
    .slice(0, -1)
    .join("\n");
}

const numbersOf = (metric: Metric, points: readonly Point[]): string | undefined => said(metric, points).split("\n")[0];

test("a metric is told by its numbers and its line, from 0 up", () => {
  const waves = samples(61, (part) => 50.1 - 50.1 * Math.cos(part * 6 * Math.PI));
  expect(`\n${chartText(chartOf([panelOf("cpu", waves)]))}`).toBe(`
CPU (5m) cur=0.0% min=0.0 max=100.2
120% ┤
100% ┤   ╭──╮      ╭──╮      ╭──╮
 80% ┤   │  ╰╮    ╭╯  ╰╮    ╭╯  │
 60% ┤  ╭╯   ╰╮   │    │   ╭╯   ╰╮
 40% ┤ ╭╯     │  ╭╯    ╰╮  │     ╰╮
 20% ┤─╯      ╰╮╭╯      ╰╮╭╯      ╰
   0 ┼         ╰╯        ╰╯
2026-04-17 12:12:35 → 12:17:35 UTC`);
});

test("metrics stand one below the other, their lines and the alerts on one axis of time", () => {
  const panels = [
    panelOf(
      "mem",
      samples(61, (part) => (100 + 100 * part) * MEGABYTE),
    ),
    panelOf(
      "threads",
      samples(61, (part) => (part < 0.5 ? 8 : 12)),
    ),
    panelOf("loop", []),
  ];
  const marks = [
    { at: to - 2.5 * MINUTE, severity: "error" },
    { at: to + 1, severity: "critical" },
  ] as const;
  expect(`\n${chartText(chartOf(panels, 5 * MINUTE, marks))}`).toBe(`
RSS (5m) cur=200 MB min=100 max=200
200 MB ┤                    ╭──────
150 MB ┤      ╭─────────────╯
100 MB ┤──────╯
 50 MB ┤
     0 ┼
Threads (5m) cur=12 min=8 max=12
    12 ┤             ╭─────────────
    10 ┤             │
     8 ┤─────────────╯
     6 ┤
     4 ┤
     2 ┤
     0 ┼
Loop (5m) no samples
  alerts             !
2026-04-17 12:12:35 → 12:17:35 UTC`);
});

test("no line of a chart is wider than a phone shows", () => {
  const metrics: readonly Metric[] = ["cpu", "mem", "fds", "threads", "loop", "errors"];
  for (const most of [0, 0.4, 9.99, 99_999, 1e12, Number.MAX_SAFE_INTEGER]) {
    const panels = metrics.map((metric) =>
      panelOf(
        metric,
        samples(100, (part) => part * most),
      ),
    );
    const drawn = chartText(chartOf(panels))
      .split("\n")
      .filter((line) => !line.includes("cur="));
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(35);
  }
});

test("where there are no samples the line has a gap", () => {
  const points = samples(61, () => 8).filter(([at]) => at < to - 3 * MINUTE || at > to - 2 * MINUTE);
  expect(said("threads", points)).toContain("8 ┤─────────────      ─────────────");
});

test("a sample that is missing now and then is no gap", () => {
  const points = samples(61, () => 8).filter((_, i) => i % 7 !== 3);
  expect(said("threads", points)).toContain("8 ┤───────────────────────────────");
});

test("one sample is a chart", () => {
  expect(said("fds", [[to - 2.5 * MINUTE, 4]])).toBe(
    "FDs (5m) cur=4 min=4 max=4\n4 ┤                ─\n3 ┤\n2 ┤\n1 ┤\n0 ┼",
  );
});

test("of ten thousand samples the one that stands out is seen", () => {
  const points = samples(10_000, (part) => (Math.round(part * 9_999) === 5_000 ? 60 : 10));
  expect(said("fds", points).split("\n").slice(1)).toEqual([
    "60 ┤               ╭╮",
    "50 ┤               ││",
    "40 ┤               ││",
    "30 ┤               ││",
    "20 ┤               ││",
    "10 ┤───────────────╯╰──────────────",
    " 0 ┼",
  ]);
});

test("what is no measure is left out, and so is what lies outside of the times", () => {
  const good = samples(61, (part) => 5 + part);
  const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 2 ** 60];
  const bad = strange.map((value, i): Point => [to - i * 1_000, value]);
  const outside: readonly Point[] = [
    [to + 1, 99],
    [to - 6 * MINUTE, 99],
    [Number.NaN, 99],
  ];
  expect(said("loop", [...outside, ...bad, ...good])).toBe(said("loop", good));
  expect(said("loop", [...bad, ...outside])).toBe("Loop (5m) no samples");
});

test("alerts stand below their times also where the axis is narrow", () => {
  const marks = [{ at: to - 2.5 * MINUTE, severity: "info" }] as const;
  const lines = chartText(chartOf([panelOf("fds", [[to - 2.5 * MINUTE, 4]], 800)], 5 * MINUTE, marks)).split("\n");
  expect(lines[1]).toBe("   4 ┤              ─");
  expect(lines[6]).toBe("alerts              !");
});

test("samples may come in any order", () => {
  const points = samples(61, (part) => 5 + part);
  expect(said("loop", points.toReversed())).toBe(said("loop", points));
});

test("the maximum of samples that were rolled up is the chart's", () => {
  const rolledUp = samples(5, () => 10).map(([at, value]): Point => [at, value, at === to ? 90 : Number.NaN]);
  expect(numbersOf("cpu", rolledUp)).toBe("CPU (5m) cur=10.0% min=10.0 max=90.0");
});

test("of several instances the highest is drawn, and those that have stopped are not what is now", () => {
  const lines = [
    { instance: "old", points: samples(61, () => 90).slice(0, 30) },
    { instance: "new", points: samples(61, () => 40) },
    { instance: "idle", points: samples(61, () => 20) },
  ];
  const text = chartText(chartOf([{ metric: "cpu", lines }]));
  expect(text).toContain("CPU (5m) cur=40.0% min=20.0 max=90.0");
  expect(text).toMatch(/100% ┤─+╮\n/);
});

test.each<readonly [metric: Metric, value: number, told: string]>([
  ["cpu", 0, "cur=0.0%"],
  ["cpu", 99.96, "cur=100.0%"],
  ["mem", 0.5 * MEGABYTE, "cur=0.5 MB"],
  ["mem", 183 * MEGABYTE, "cur=183 MB"],
  ["mem", 1e12, "cur=931 GB"],
  ["loop", 0.04, "cur=0.04 ms"],
  ["loop", 2_690, "cur=2690 ms"],
  ["loop", 25_000, "cur=25 s"],
  ["fds", 820, "cur=820"],
  ["fds", 65_536, "cur=66k"],
  ["errors", 1e12, "cur=1000G"],
])("of %s, %d is told as %s", (metric, value, told) => {
  expect(
    numbersOf(
      metric,
      samples(3, () => value),
    ),
  ).toContain(told);
});

test.each<readonly [metric: Metric, peak: number, highest: string]>([
  ["cpu", 0.7, "10%"],
  ["cpu", 100, "100%"],
  ["loop", 0.3, "0.5 ms"],
  ["loop", 0.7, "0.8 ms"],
  ["loop", 1.2, "1.2 ms"],
  ["errors", 0, "4"],
  ["errors", 7, "8"],
  ["errors", 12, "12"],
  ["mem", 2.2 * 1024 * 1024 * MEGABYTE, "2500 GB"],
  ["threads", 1e12, "1000G"],
])("an axis of %s up to %d ends at a round number, %s", (metric, peak, highest) => {
  const [, top = ""] = said(
    metric,
    samples(3, () => peak),
  ).split("\n");
  expect(top.split(" ┤")[0]?.trim()).toBe(highest);
});

test.each([
  [MINUTE, "(1m)", "2026-04-17 12:16:35 → 12:17:35 UTC"],
  [6 * 60 * MINUTE, "(6h)", "2026-04-17 06:17:35 → 12:17:35 UTC"],
  [DAY, "(1d)", "2026-04-16 12:17 → 04-17 12:17 UTC"],
  [7 * DAY, "(7d)", "2026-04-10 12:17 → 04-17 12:17 UTC"],
])("a chart of %d ms says so, and when that was", (span, window, range) => {
  const text = chartText(
    chartOf(
      [
        panelOf(
          "fds",
          samples(50, () => 3, span),
        ),
      ],
      span,
    ),
  );
  expect(text).toContain(`FDs ${window} cur=3`);
  expect(text.split("\n").at(-1)).toBe(range);
});

test("what is no chart is refused, and it is said why", () => {
  const panels = [panelOf("cpu", [])];
  expect(() => chartText({ ...chartOf(panels), from: to })).toThrow(
    /`from` before `to`.* 1776428255000 and 1776428255000/,
  );
  expect(() => chartText({ ...chartOf(panels), to: Number.NaN })).toThrow("and NaN");
  expect(() => chartText({ ...chartOf(panels), to: 1e18 })).toThrow("milliseconds since 1970");
  expect(() => chartText(chartOf([]))).toThrow("1 to 6 panels; this one has 0");
  expect(() => chartText(chartOf(Array.from({ length: 7 }, () => panels).flat()))).toThrow("this one has 7");
});
