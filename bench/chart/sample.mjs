// An hour of a service that leaks: what charts are measured with, and shown by.
const STEP = 5_000;
const SAMPLES = 720;
const MEGABYTE = 2 ** 20;

const to = Date.UTC(2026, 10, 21, 3, 17, 30);
const from = to - SAMPLES * STEP;
const momentOf = (part) => from + Math.round(part * SAMPLES) * STEP;

/** The same numbers in every run, from 0 to 1. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** It crashed here, and was started again there. */
const [STOP, START] = [0.42, 0.47];

/** Samples of a measure that depends on how much of the hour is over, and on chance. */
function line(seed, measure) {
  const chance = dice(seed);
  const samples = Array.from({ length: SAMPLES }, (_, i) => [i / SAMPLES, measure(i / SAMPLES, chance)]);
  const points = samples.filter(([part]) => part < STOP || part > START);
  return { instance: "api-1", points: points.map(([part, value]) => [momentOf(part), value]) };
}

/** From 0 up once a part of the hour is over. */
const since = (part, start) => Math.max(0, part - start);
const now = (chance, odds) => (chance() < odds ? 1 : 0);

export const sample = {
  service: "orders-api",
  from,
  to,
  panels: [
    {
      metric: "cpu",
      limit: 90,
      lines: [line(7, (t, chance) => 16 + 7 * Math.sin(t * 30) + 9 * chance() + Math.min(66, 560 * since(t, 0.78)))],
    },
    {
      metric: "mem",
      limit: 450 * MEGABYTE,
      lines: [line(8, (t, chance) => (t < STOP ? 150 + 640 * t : 148 + 560 * (t - START) + 6 * chance()) * MEGABYTE)],
    },
    {
      metric: "fds",
      lines: [line(9, (t, chance) => Math.round(40 + 5 * Math.sin(t * 9) + 4 * chance() + 420 * since(t, 0.62)))],
    },
    {
      metric: "loop",
      lines: [
        line(
          10,
          (t, chance) => 2 + 6 * chance() + 240 * chance() * now(chance, 0.012) + 120 * since(t, 0.8) * chance(),
        ),
      ],
    },
  ],
  marks: [
    { at: momentOf(STOP), severity: "critical", label: "crashed" },
    { at: momentOf(0.8), severity: "warning", label: "CPU spike" },
    { at: momentOf(0.92), severity: "error", label: "CPU ceiling" },
  ],
};
