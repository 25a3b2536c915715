import type { Parameters } from "../call.ts";
import type { World } from "../world.ts";

/** Carries out one Bot API method: gives its result, or throws a Refusal. */
export type Method = (world: World, parameters: Parameters) => unknown;

/** Methods by their documented names. */
export type Methods = Readonly<Record<string, Method>>;
