import { crc32, inflateSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { type Canvas, createCanvas } from "../../src/hub/chart/canvas.ts";
import type { Chart, Mark, Metric, Panel, Point } from "../../src/hub/chart/chart.ts";
import { type Font, LARGE, MEDIUM, SMALL } from "../../src/hub/chart/font.ts";
import { INK, INKS } from "../../src/hub/chart/inks.ts";
import { createPalette } from "../../src/hub/chart/palette.ts";
import { drawPanel } from "../../src/hub/chart/panel.ts";
import { chartPicture } from "../../src/hub/chart/picture.ts";
import { read } from "../../src/hub/chart/reading.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const METRICS: readonly Metric[] = ["cpu", "mem", "fds", "threads", "loop", "errors"];
const to = Date.UTC(2026, 3, 17, 12, 17, 35);

const panelOf = (metric: Metric, points: readonly Point[], more: Partial<Panel> = {}): Panel => ({
  metric,
  lines: [{ instance: "api-1", points }],
  ...more,
});

const chartOf = (panels: readonly Panel[], span: number = HOUR, marks: readonly Mark[] = []): Chart => ({
  service: "orders-api",
  from: to - span,
  to,
  panels,
  marks,
});

/** Samples at equal distances from a chart's beginning to its end. */
function samples(count: number, value: (i: number) => number, span: number = HOUR): readonly Point[] {
  return Array.from({ length: count }, (_, i) => [to - span + (i * span) / (count - 1), value(i)] as const);
}

/** Numbers from 0 to 1 that look like chance and are the same in every run. */
const chance = (i: number): number => Math.abs(Math.sin(i * 12.9898) * 43_758.5453) % 1;

interface Picture {
  readonly width: number;
  readonly height: number;
  /** `0xRRGGBB` each. */
  readonly palette: readonly number[];
  at(x: number, y: number): number;
}

/** Reads a PNG of ours, and nothing else; throws at the first thing that is not as the standard has it. */
function decoded(png: Uint8Array | undefined): Picture {
  const file = Buffer.from(png ?? []);
  expect(file.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const named = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(named));
    chunks.set(named.toString("latin1", 0, 4), named.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "IDAT", "IEND"]);
  const [header, colours, packed] = [...chunks.values()] as [Buffer, Buffer, Buffer];
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect([...header.subarray(8)]).toEqual([8, 3, 0, 0, 0]);
  const rows = inflateSync(packed);
  expect(rows.length).toBe((width + 1) * height);
  const palette = Array.from({ length: colours.length / 3 }, (_, i) => colours.readUIntBE(i * 3, 3));
  const at = (x: number, y: number): number => palette[rows[y * (width + 1) + x + 1] ?? 256] ?? Number.NaN;
  return { width, height, palette, at };
}

const pictureOf = async (chart: Chart): Promise<Picture> => decoded(await chartPicture(chart));

const colour = (ink: keyof typeof INK): number => INKS[INK[ink]] ?? Number.NaN;

/** How many pixels of a picture have a colour. */
function count({ width, height, at }: Picture, ink: keyof typeof INK): number {
  let found = 0;
  for (let i = 0; i < width * height; i++) if (at(i % width, Math.floor(i / width)) === colour(ink)) found++;
  return found;
}

/** Whether a text stands somewhere in a picture, letter by letter as the font draws it on the card. */
function says(picture: Picture, font: Font, text: string, ink: keyof typeof INK): boolean {
  const [width, height] = [font.widthOf(text), Math.floor(font.height)];
  const paper = createCanvas(width, height, INKS);
  font.draw(paper, text, 0, height, INK[ink]);
  const colours = paper.palette();
  const wanted = [...paper.rows].map((place) => Buffer.from(colours).readUIntBE(place * 3, 3));
  const first = wanted.indexOf(colour(ink)); // where a letter is certainly not mixed with the card
  const isAt = (left: number, top: number): boolean =>
    picture.at(left + (first % (width + 1)) - 1, top + Math.floor(first / (width + 1))) === colour(ink) &&
    wanted.every(
      (it, i) =>
        i % (width + 1) === 0 ||
        isNear(picture.at(left + (i % (width + 1)) - 1, top + Math.floor(i / (width + 1))), it),
    );
  for (let y = 0; y < picture.height - height; y++)
    for (let x = 0; x < picture.width - width; x++) if (isAt(x, y)) return true;
  return false;
}

/** Colours that are nearly alike share a place in a palette, so they may differ a little. */
function isNear(a: number, b: number): boolean {
  return [16, 8, 0].every((shift) => Math.abs(((a >> shift) & 255) - ((b >> shift) & 255)) <= 16);
}

/** A plot alone: 240 columns for four minutes, 100 rows for values up to 100. */
function plotOf(panel: Panel, marks: readonly (Mark & { readonly x: number; readonly row: number })[] = []): Canvas {
  const canvas = createCanvas(300, 140, INKS);
  const chart = chartOf([panel], 4 * MINUTE);
  const plot = { canvas, from: chart.from, to, top: 100, box: { x: 40, y: 20, width: 240, height: 100 } };
  drawPanel(plot, read(panel, chart, 5), { ticks: [], pins: marks, instances: panel.lines.map((it) => it.instance) });
  return canvas;
}

/** The rows of a canvas' column, from above, that have an ink. */
function rowsWith({ rows, width, height }: Canvas, x: number, ink: keyof typeof INK): readonly number[] {
  return Array.from({ length: height }, (_, y) => y).filter((y) => rows[y * (width + 1) + x + 1] === INK[ink]);
}

/** How often an ink begins in a row, and how many of the row's pixels have it. */
function runsOf({ rows, width }: Canvas, y: number, ink: keyof typeof INK): { runs: number; pixels: number } {
  const row = [...rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))].map((it) => it === INK[ink]);
  return { runs: row.filter((it, x) => it && !row[x - 1]).length, pixels: row.filter(Boolean).length };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const hour = chartOf(
  [
    panelOf(
      "cpu",
      samples(720, (i) => 20 + 60 * chance(i)),
      { limit: 90 },
    ),
    panelOf(
      "mem",
      samples(720, (i) => (200 + i / 4 + 5 * chance(i)) * 2 ** 20),
      { limit: 450 * 2 ** 20 },
    ),
    panelOf(
      "fds",
      samples(720, (i) => Math.round(40 + 8 * chance(i))),
    ),
    panelOf(
      "loop",
      samples(720, (i) => (chance(i) > 0.99 ? 300 : 4)),
    ),
  ],
  HOUR,
  [{ at: to - 20 * MINUTE, severity: "error", label: "CPU ceiling" }],
);

test("an hour of four metrics is a PNG of 800 pixels' width and less than 60 KB, by one palette", async () => {
  const png = await chartPicture(hour);
  const { width, height, palette } = decoded(png);
  expect({ width, height }).toEqual({ width: 800, height: 1060 });
  expect(palette.length).toBeLessThanOrEqual(255);
  expect(png?.length).toBeLessThan(60_000);
});

test("the same chart is the same bytes", async () => {
  const [first, second] = [await chartPicture(hour), await chartPicture(structuredClone(hour))];
  expect(Buffer.from(first ?? []).equals(second ?? new Uint8Array())).toBe(true);
});

test.each([1, 2, 3, 4, 5, 6])("with %d panels it is no higher than chats load", async (panels) => {
  const lines = Array.from({ length: 20 }, (_, i) => ({ instance: `api-${i}`, points: samples(20, () => i) }));
  const marks = [1, 2, 3].map((i) => ({ at: to - i * MINUTE, severity: "error", label: "a label" }) as const);
  const chart = chartOf(
    METRICS.slice(0, panels).map((metric) => ({ metric, lines })),
    HOUR,
    marks,
  );
  expect((await pictureOf(chart)).height).toBeLessThanOrEqual(1280);
});

test("a line is where its value is, and as wide as a pen", () => {
  const canvas = plotOf(
    panelOf(
      "cpu",
      samples(49, () => 75, 4 * MINUTE),
    ),
  );
  for (const x of [41, 100, 200, 270]) expect(rowsWith(canvas, x, "blue")).toEqual([44, 45]);
  expect(rowsWith(canvas, 39, "blue")).toEqual([]);
});

test("a line that rises is as wide as one that does not", () => {
  const canvas = plotOf(
    panelOf(
      "cpu",
      samples(2, (i) => 100 * i, 4 * MINUTE),
    ),
  );
  expect(rowsWith(canvas, 160, "blue")).toEqual([69, 70]);
  expect(rowsWith(canvas, 100, "blue")).toEqual([94, 95]);
});

test("the edges of a line are smooth, however steep it is", () => {
  const at = to - 2 * MINUTE + 300; // not where a pixel begins
  const canvas = plotOf(panelOf("cpu", [[at, 0] as const, [at + 1, 100] as const]));
  const row = [...canvas.rows.subarray(70 * 301 + 1, 71 * 301)].map((it, x) => ({ it, x }));
  const mixed = row.filter(({ it, x }) => x > 150 && x < 170 && it !== INK.blue && it !== INK.card && it !== INK.shade);
  expect(runsOf(canvas, 70, "blue")).toEqual({ runs: 1, pixels: 2 });
  expect(mixed.map(({ x }) => x)).toEqual([158, 161]);
});

test("the first instances are drawn on top of the others", () => {
  const lines = ["a", "b", "c"].map((instance) => ({ instance, points: samples(49, () => 75, 4 * MINUTE) }));
  expect(rowsWith(plotOf({ metric: "cpu", lines }), 100, "blue")).toEqual([44, 45]);
});

test("a mixture is between its inks, and the nearest there is when the palette is full", () => {
  const palette = createPalette([0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff]);
  const partsOf = (place: number): readonly number[] => [...palette.rgb().subarray(place * 3, place * 3 + 3)];
  expect(partsOf(palette.mix(0, 1, 8))).toEqual([128, 128, 128]);
  expect(partsOf(palette.mix(0, 2, 4))).toEqual([64, 0, 0]);
  for (let below = 0; below < palette.rgb().length / 3; below++)
    for (let ink = 1; ink < 5; ink++) for (let cover = 1; cover < 16; cover++) palette.mix(below, ink, cover);
  expect(palette.rgb().length).toBe(255 * 3);
  const [red = 0, green = 0, blue = 0] = partsOf(palette.mix(254, 0, 15));
  expect(Math.max(red, green, blue)).toBeLessThan(60);
});

test("below a line that is alone there is an area, and where several are there is none", () => {
  const points = samples(49, () => 75, 4 * MINUTE);
  const alone = plotOf(panelOf("cpu", points));
  expect(rowsWith(alone, 100, "shade").length).toBeGreaterThan(60);
  expect(Math.min(...rowsWith(alone, 100, "shade"))).toBeGreaterThan(45);
  const lines = ["a", "b"].map((instance) => ({ instance, points }));
  expect(rowsWith(plotOf({ metric: "cpu", lines }), 100, "shade")).toEqual([]);
});

test("where there are no samples there is nothing", () => {
  const points = samples(49, () => 75, 4 * MINUTE).filter(([at]) => at <= to - 3 * MINUTE || at >= to - MINUTE);
  const canvas = plotOf(panelOf("cpu", points));
  for (let x = 104; x < 217; x++) {
    expect(rowsWith(canvas, x, "blue")).toEqual([]);
    expect(rowsWith(canvas, x, "shade")).toEqual([]);
  }
  for (const x of [99, 221]) expect(rowsWith(canvas, x, "blue")).toEqual([44, 45]);
});

test("a sample without neighbours is a dot", () => {
  const canvas = plotOf(panelOf("cpu", [[to - 2 * MINUTE, 50]]));
  expect(rowsWith(canvas, 160, "blue").length).toBeGreaterThan(5);
  expect(rowsWith(canvas, 150, "blue")).toEqual([]);
});

test("of ten thousand samples the one that stands out is drawn up to its value, and down again", () => {
  const canvas = plotOf(
    panelOf(
      "cpu",
      samples(10_000, (i) => (i === 5_000 ? 98 : 2), 4 * MINUTE),
    ),
  );
  expect(rowsWith(canvas, 160, "blue").length).toBeGreaterThan(90);
  expect(rowsWith(canvas, 156, "blue").length).toBeLessThan(4);
  expect(rowsWith(canvas, 164, "blue").length).toBeLessThan(4);
});

test("between samples that were rolled up and their maxima the line's colour is thin", () => {
  const points = samples(49, () => 25, 4 * MINUTE).map(([at, value]): Point => [at, value, 75]);
  const [plain, spread] = [
    plotOf(
      panelOf(
        "cpu",
        samples(49, () => 25, 4 * MINUTE),
      ),
    ),
    plotOf(panelOf("cpu", points)),
  ];
  const between = 60 * (plain.width + 1) + 101;
  expect(plain.rows[between]).toBe(INK.card);
  expect([INK.card, INK.blue, INK.shade]).not.toContain(spread.rows[between]);
});

test("a threshold is dashed", () => {
  const canvas = plotOf(
    panelOf(
      "cpu",
      samples(9, () => 0),
      { limit: 50 },
    ),
  );
  expect(runsOf(canvas, 69, "limit")).toEqual({ runs: 15, pixels: 142 });
  expect(runsOf(canvas, 70, "limit")).toEqual({ runs: 15, pixels: 142 });
  expect(runsOf(canvas, 72, "limit").pixels).toBe(0);
});

test.each([
  [90, "limit 90%"],
  [12.5, "limit 12.5%"],
  [0, "limit 0%"],
])("a threshold of %d is told as it was chosen", async (limit, words) => {
  const picture = await pictureOf(chartOf([panelOf("cpu", [], { limit })]));
  expect(says(picture, SMALL, words, "limit")).toBe(true);
});

test("a threshold that is no measure is none", async () => {
  for (const limit of [Number.NaN, Number.POSITIVE_INFINITY, -1])
    expect(await chartPicture(chartOf([panelOf("cpu", [], { limit })]))).toEqual(
      await chartPicture(chartOf([panelOf("cpu", [])])),
    );
});

test("a mark's line goes through a plot from above to its end", () => {
  const mark = { at: to, severity: "error", x: 100, row: 0 } as const;
  const [without, canvas] = [plotOf(panelOf("cpu", [])), plotOf(panelOf("cpu", []), [mark])];
  const changed = Array.from(canvas.rows.keys()).filter((at) => canvas.rows[at] !== without.rows[at]);
  const places = new Set(changed.map((at) => (at % (canvas.width + 1)) - 1));
  const rows = new Set(changed.map((at) => Math.floor(at / (canvas.width + 1))));
  expect([...places].toSorted((a, b) => a - b)).toEqual([99, 100]);
  expect([Math.min(...rows), Math.max(...rows)]).toEqual([20, 119]);
});

test("alerts have the colours of their severity", async () => {
  const severities = ["info", "warning", "error", "critical"] as const;
  const marks = severities.map((severity, i) => ({ at: to - (i + 1) * 10 * MINUTE, severity }));
  const picture = await pictureOf(chartOf([panelOf("cpu", [])], HOUR, marks));
  for (const severity of severities) expect(count(picture, severity)).toBeGreaterThan(100);
});

test("of alerts at one time the worst is seen, and none that lies outside of the chart", async () => {
  const at = to - 30 * MINUTE;
  const marks = [
    { at, severity: "warning" },
    { at: at + 1, severity: "critical" },
    { at: at + 2, severity: "warning" },
    { at: to + 1, severity: "error" },
    { at: to - HOUR - 1, severity: "error" },
  ] as const;
  const picture = await pictureOf(chartOf([panelOf("cpu", [])], HOUR, marks));
  expect(count(picture, "critical")).toBeGreaterThan(100);
  expect(count(picture, "warning") + count(picture, "error")).toBe(0);
});

test("labels stand beside their alerts where there is room for them", async () => {
  const near = [10, 9, 8, 7].map(
    (ago) => ({ at: to - ago * MINUTE, severity: "error", label: `alert ${ago}` }) as const,
  );
  const picture = await pictureOf(chartOf([panelOf("cpu", [])], HOUR, near));
  const told = near.filter(({ label }) => says(picture, SMALL, label, "text")).map(({ label }) => label);
  expect(told).toEqual(["alert 10", "alert 9"]);
});

test("it says whose measures these are, how they are, how they were, and when", async () => {
  const picture = await pictureOf(
    chartOf([
      panelOf(
        "cpu",
        samples(61, (i) => i),
        { limit: 90 },
      ),
    ]),
  );
  expect(says(picture, MEDIUM, "orders-api", "text")).toBe(true);
  expect(says(picture, SMALL, "1h · 2026-04-17 11:17:35 → 12:17:35 UTC", "dim")).toBe(true);
  expect(says(picture, MEDIUM, "CPU", "dim")).toBe(true);
  expect(says(picture, LARGE, "60.0%", "text")).toBe(true);
  expect(says(picture, SMALL, "min 0.0  avg 30.0  max 60.0", "dim")).toBe(true);
  expect(says(picture, SMALL, "limit 90%", "limit")).toBe(true);
  expect(says(picture, SMALL, "12:10", "dim")).toBe(true);
  expect(says(picture, SMALL, "12:11", "dim")).toBe(false);
});

test("it says that there are no samples, and since when there are none any more", async () => {
  const silent = samples(61, (i) => i).slice(0, 31);
  const picture = await pictureOf(chartOf([panelOf("cpu", []), panelOf("fds", silent)]));
  expect(says(picture, SMALL, "no samples", "dim")).toBe(true);
  expect(says(picture, SMALL, "silent since 11:47:35", "dim")).toBe(true);
  expect(says(picture, LARGE, "30", "dim")).toBe(true);
});

test("samples that are a minute late are not silence", async () => {
  const late = samples(721, (i) => i).filter(([at]) => at < to - MINUTE);
  const picture = await pictureOf(chartOf([panelOf("fds", late)]));
  expect(says(picture, LARGE, "707", "text")).toBe(true);
});

test("each instance has its colour and its name, and it is said whose value is the highest", async () => {
  const lines = [10, 80, 40].map((value, i) => ({ instance: `api-${i}`, points: samples(61, () => value) }));
  const picture = await pictureOf(chartOf([{ metric: "cpu", lines }]));
  for (const ink of ["blue", "yellow", "pink"] as const) expect(count(picture, ink)).toBeGreaterThan(1_000);
  for (const { instance } of lines) expect(says(picture, SMALL, instance, "text")).toBe(true);
  expect(says(picture, SMALL, "highest of 3: api-1", "dim")).toBe(true);
  expect(count(picture, "green")).toBe(0);
});

test("of twenty instances six are named, and the others share a colour", async () => {
  const lines = Array.from({ length: 20 }, (_, i) => ({ instance: `api-${i}`, points: samples(61, () => 4 * i) }));
  const picture = await pictureOf(chartOf([{ metric: "cpu", lines }]));
  expect(says(picture, SMALL, "api-5", "text")).toBe(true);
  expect(says(picture, SMALL, "+14 more", "text")).toBe(true);
  expect(count(picture, "grey")).toBeGreaterThan(count(picture, "blue"));
});

test("names that are too long lose what is least telling", async () => {
  const instances = ["orders-api-production-7f9c8d-x1", "orders-api-production-7f9c8d-k2", "c", "d"];
  const lines = instances.map((instance) => ({ instance, points: samples(9, () => 1) }));
  const chart = { ...chartOf([{ metric: "cpu", lines }]), service: "s".repeat(63) };
  const picture = await pictureOf(chart);
  expect(says(picture, SMALL, "orders…c8d-x1", "text")).toBe(true);
  expect(says(picture, SMALL, "orders…c8d-k2", "text")).toBe(true);
  expect(says(picture, SMALL, "c", "text")).toBe(true);
  expect(says(picture, MEDIUM, `${"s".repeat(45)}…`, "text")).toBe(true);
});

test("letters that the font does not have are boxes, and do no harm", async () => {
  const chart = chartOf([panelOf("cpu", [])], HOUR, [{ at: to - 30 * MINUTE, severity: "info", label: "größe 🚀" }]);
  expect(says(await pictureOf(chart), SMALL, "gr□□e □", "text")).toBe(true);
});

test("what is no measure changes nothing", async () => {
  const points = samples(61, (i) => i);
  const strange = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300].map((value): Point => [to - 90_000, value]);
  const [good, bad] = [chartOf([panelOf("mem", points)]), chartOf([panelOf("mem", [...strange, ...points])])];
  expect(await chartPicture(bad)).toEqual(await chartPicture(good));
});

test.each<readonly [what: string, span: number, value: (i: number) => number]>([
  ["a minute of nothing", MINUTE, () => 0],
  ["a minute of fractions", MINUTE, chance],
  ["a week of trillions", 7 * DAY, (i) => 1e12 * chance(i)],
  ["a year of the greatest measure", 366 * DAY, () => Number.MAX_SAFE_INTEGER],
])("%s is a picture, too", async (_, span, value) => {
  const panels = METRICS.map((metric) => panelOf(metric, samples(500, value, span)));
  const { width, height } = await pictureOf(chartOf(panels, span));
  expect({ width, height }).toEqual({ width: 800, height: 1142 });
});

test("a platform that cannot compress has no pictures", async () => {
  vi.stubGlobal("CompressionStream", undefined);
  expect(await chartPicture(hour)).toBeUndefined();
});

test("what is no chart is refused", async () => {
  await expect(chartPicture({ ...hour, from: to })).rejects.toThrow("`from` before `to`");
});
