/** A chart as a picture for a phone: 800 pixels wide, shown on 400 points. */
import { lasting } from "../telegram/render/units.ts";
import { type Canvas, createCanvas } from "./canvas.ts";
import { type Chart, checked } from "./chart.ts";
import { MEDIUM, SMALL } from "./font.ts";
import { drawTimes, GUTTER } from "./grid.ts";
import { drawHead, HEAD } from "./head.ts";
import { INK, INKS } from "./inks.ts";
import { drawLegend, instancesOf, legendHeight } from "./legend.ts";
import { drawPins, pinsOf, ROW, rowsOf } from "./marks.ts";
import { type Common, drawPanel } from "./panel.ts";
import type { Frame } from "./plot.ts";
import { canPack, pngOf } from "./png.ts";
import { type Reading, read } from "./reading.ts";
import { rangeOf, timeTicks } from "./time.ts";

const WIDTH = 800;
const MARGIN = 28;
const INNER = WIDTH - 2 * MARGIN;
/** Height of the service's name and of the times below it. */
const TITLE = 80;
/** Height of a plot, by how many there are: no picture is higher than 1280, the size that chats load. */
const PLOTS = [300, 220, 170, 140, 112, 86] as const;
/** Pixels from one of an axis' numbers to the next, at least. */
const STEP = 32;
/** How many times an axis has room for, and its height. */
const MOST_TIMES = 6;
const TIMES = 34;
/** Below a panel, before the next. */
const SPACE = 12;

/**
 * A chart as a PNG of 800 × at most 1280 pixels; the same chart is always the same bytes. Throws when it is no chart.
 * `undefined` where the platform cannot compress, as Vercel's Edge Runtime: then there is only the text.
 */
export async function chartPicture(chart: Chart): Promise<Uint8Array | undefined> {
  return canPack() ? await pngOf(draw(checked(chart))) : undefined;
}

function draw(chart: Chart): Canvas {
  const height = PLOTS[chart.panels.length - 1] ?? 0;
  const readings = chart.panels.map((panel) => read(panel, chart, Math.floor(height / STEP)));
  const frame = frameOf(chart, readings, height);
  const ticks = timeTicks(chart.from, chart.to, MOST_TIMES);
  const common = { ticks, pins: pinsOf(frame, chart.marks), instances: instancesOf(chart) };
  const layout = layoutOf(readings.length * (HEAD + height + SPACE), common);

  const canvas = createCanvas(WIDTH, layout.end + TIMES + MARGIN, INKS);
  drawTitle(canvas, chart);
  drawLegend(canvas, { x: MARGIN, y: layout.legend, width: INNER }, common.instances);
  drawPins(canvas, common.pins, layout.pins, layout.end);
  drawTimes(canvas, frame, ticks, layout.end + TIMES - GUTTER / 2);
  readings.forEach((reading, i) => {
    const y = layout.panels + i * (HEAD + height + SPACE);
    drawHead(canvas, { x: MARGIN, y, width: INNER }, reading);
    drawPanel({ ...frame, canvas, box: { ...frame.box, y: y + HEAD }, top: reading.axis.top }, reading, common);
  });
  return canvas;
}

/** What all plots have in common: the chart's times, and a place beside the widest number of all axes. */
function frameOf({ from, to }: Chart, readings: readonly Reading[], height: number): Frame {
  const labels = readings.flatMap(({ axis }) => axis.ticks.map(({ label }) => SMALL.widthOf(label)));
  const left = Math.max(...labels) + GUTTER;
  return { from, to, box: { x: MARGIN + left, y: 0, width: INNER - left, height } };
}

/** Where everything begins, from above, and where the last panel ends. */
interface Layout {
  readonly legend: number;
  readonly pins: number;
  readonly panels: number;
  readonly end: number;
}

/** One below the other; all panels together have this height. */
function layoutOf(height: number, { pins, instances }: Common): Layout {
  const legend = MARGIN + TITLE;
  const rows = legend + legendHeight(instances);
  const panels = rows + rowsOf(pins) * ROW;
  return { legend, pins: rows, panels, end: panels + height - SPACE };
}

function drawTitle(canvas: Canvas, { service, from, to }: Chart): void {
  MEDIUM.draw(canvas, MEDIUM.fit(service, INNER), MARGIN, MARGIN + MEDIUM.height, INK.text);
  const times = `${lasting(to - from)} · ${rangeOf(from, to)}`;
  SMALL.draw(canvas, times, MARGIN, MARGIN + TITLE - MEDIUM.height, INK.dim);
}
