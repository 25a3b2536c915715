/** What Deno allows. The other runtimes allow everything. */
import { attempt, read } from "../client/plain.ts";

/** What may be asked for. */
export type Permission =
  | { readonly name: "read"; readonly path: string }
  | { readonly name: "sys"; readonly kind: "hostname" };

/** Whether it is allowed already: Deno would stop and ask whoever sits at the terminal, unless it is asked first. */
export function isAllowed(permission: Permission): boolean {
  const deno = read(globalThis, "Deno") as Deno | undefined;
  return !deno || attempt(() => deno.permissions.querySync(permission).state) === "granted";
}

interface Deno {
  readonly permissions: { querySync(permission: Permission): { readonly state: string } };
}
