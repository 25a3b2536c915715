// What a million events cost, by what was measured and what Upstash and Cloudflare published in 2026-11.
import { cpu } from "./cpu.mjs";
import { storms } from "./storm.mjs";

const MILLION = 1_000_000;
/** @see https://upstash.com/docs/redis/overall/billing */
const UPSTASH = { command: 0.2 / 100_000, free: 500_000 };
/** Beyond what the $5 a month of the paid plan include: 10 million requests and 30 million ms of CPU. */
const CLOUDFLARE = { request: 0.3 / MILLION, ms: 0.02 / MILLION };
/** What a month of idle ticks takes. */
const TICKS = 30 * 24 * 60 * 2;

const dollars = (sum) => `$${sum.toFixed(2)}`;

const rows = storms.map(({ size, events, billed }) => {
  const commands = billed / events;
  const ms = cpu.workerd[`batch of ${size}, repeated`];
  const upstash = MILLION * commands * UPSTASH.command;
  const cloudflare = (MILLION / size) * (CLOUDFLARE.request + ms * CLOUDFLARE.ms);
  return {
    "batches of": size,
    "commands an event": Number(commands.toFixed(2)),
    "ms of CPU an event": Number((ms / size).toFixed(2)),
    Upstash: dollars(upstash),
    Cloudflare: dollars(cloudflare),
    together: dollars(upstash + cloudflare),
    "free events a month": Math.round((UPSTASH.free - TICKS) / commands),
  };
});

console.log(
  "\nWhat a million events of such a storm cost, on the paid plans; and how many a month fit Upstash's free 500,000 commands\n",
);
console.table(rows);
