/**
 * A newsletter on Cloudflare Workers: `snitch.wrap` follows requests, cron triggers and queues alike. What one of them
 * throws is told, although nobody hands a `ctx.waitUntil` over.
 *
 *     npx wrangler dev --config examples/platforms/cloudflare/wrangler.toml --port 3000 --var "SNITCHBOT_URL:$SNITCHBOT_URL"
 *     curl "localhost:3000/confirm?token=eyJ0byI6ImFkYUBleGFtcGxlLmNvbSJ9-"
 *
 * Its address is a secret once it is deployed: `npx wrangler secret put SNITCHBOT_URL`.
 */
import { snitch } from "snitchbot";

interface Mail {
  readonly to: string;
  readonly text: string;
}
interface Env {
  readonly MAILS: Queue<Mail>;
}

const sponsors = new Map([[1, "The Rust Belt"]]);

export default snitch.wrap({
  async fetch(request, env) {
    const token = new URL(request.url).searchParams.get("token") ?? "";
    const { to } = JSON.parse(atob(token)); // the links have base64url, in which "-" stands for "+"
    await env.MAILS.send({ to, text: "Welcome!" });
    return new Response(`See you on Monday, ${to}.`);
  },

  async scheduled({ scheduledTime }, env) {
    const month = new Date(scheduledTime).getUTCMonth() + 1;
    const sponsor = sponsors.get(month);
    if (!sponsor) throw new RangeError(`no sponsor for month ${month}`);
    await env.MAILS.send({ to: "everybody@example.com", text: `Brought to you by ${sponsor}.` });
  },

  async queue(batch) {
    for (const message of batch.messages) {
      try {
        deliver(message.body);
      } catch (error) {
        snitch.capture(error, { extras: { to: message.body.to } });
        message.retry(); // only this one: thrown, the error would bring back the whole batch
      }
    }
  },
} satisfies ExportedHandler<Env, Mail>);

function deliver({ to }: Mail): void {
  if (!/^[^@\s]+@[^@\s]+$/.test(to)) throw new TypeError("that is no address");
}
