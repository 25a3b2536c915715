/** What the runtimes of these examples have of their own, as far as they use it; in a project of yours their types are. */

declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  serve(options: { readonly port: number }, handle: (request: Request) => Response | Promise<Response>): unknown;
};

declare module "bun:sqlite" {
  export class Database {
    constructor(file: string);
    run(sql: string): void;
    query(sql: string): { all(...values: readonly string[]): unknown[] };
  }
}

/** Of Cloudflare Workers: `wrangler types` writes the whole. */
interface Queue<Body> {
  send(body: Body): Promise<void>;
}

interface ExportedHandler<Env, Body> {
  fetch?(request: Request, env: Env): Promise<Response>;
  scheduled?(controller: { readonly scheduledTime: number }, env: Env): Promise<void>;
  queue?(batch: { readonly messages: readonly { readonly body: Body; retry(): void }[] }): Promise<void>;
}
