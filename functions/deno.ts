/** The hub on Deno and Deno Deploy: `deno run --allow-net --allow-env functions/deno.ts`. */
import { openResident } from "./resident.ts";

declare const Deno: {
  serve(
    options: { readonly port: number },
    handle: (request: Request, info: { readonly remoteAddr: { readonly hostname?: string } }) => Promise<Response>,
  ): { shutdown(): Promise<void> };
  cron?(name: string, schedule: string, run: () => Promise<void>): Promise<void>;
};

const { fetch, port, stopBy, tick } = openResident();

// Deno Deploy looks for crons at the top level, ahead of the server. Elsewhere they hide behind a flag.
if (Deno.cron) Deno.cron("tick", "* * * * *", tick);
else setInterval(tick, 60_000);

const server = Deno.serve({ port }, (request, { remoteAddr }) => fetch(request, remoteAddr.hostname));

stopBy(() => server.shutdown());
