/** The door for Node, Deno and Bun: the client, and what a process that lives long adds to it. */
export * from "./mod.ts";
