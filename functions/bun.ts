/** The hub on Bun: `bun functions/bun.ts`. */
import { openResident } from "./resident.ts";

interface Server {
  requestIP(request: Request): { readonly address: string } | null;
  stop(): Promise<void>;
}
declare const Bun: {
  serve(options: { port: number; fetch(request: Request, server: Server): Promise<Response> }): Server;
  cron(schedule: string, run: () => Promise<void>): unknown;
};

const { fetch, port, stopBy, tick } = openResident();

Bun.cron("* * * * *", tick);

const server = Bun.serve({ port, fetch: (request, server) => fetch(request, server.requestIP(request)?.address) });

stopBy(() => server.stop());
