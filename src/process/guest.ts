/** Processes that are not their own masters. */
import { variable } from "../client/ambient.ts";
import { read } from "../client/plain.ts";

/**
 * Platforms that freeze a process after each response and end it without a word, each by a variable that it sets. A
 * heartbeat would stop where nothing is wrong, starts would be told without stops, and frozen time would be a blocked
 * event loop.
 *
 * @see {@link https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html}
 * @see {@link https://vercel.com/docs/environment-variables/system-environment-variables}
 * @see {@link https://docs.netlify.com/build/configure-builds/environment-variables/}
 * @see {@link https://learn.microsoft.com/azure/azure-functions/functions-app-settings}
 * @see {@link https://docs.deno.com/deploy/reference/env_vars_and_contexts/}
 */
const MARKS = ["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "FUNCTIONS_WORKER_RUNTIME", "DENO_DEPLOYMENT_ID"];

/** Whether somebody else decides when this process runs; Supabase's edge runtime says so by an object of its own. */
export function isGuest(): boolean {
  const supabase = read(read(globalThis, "EdgeRuntime"), "waitUntil");
  return Boolean(supabase) || MARKS.some((mark) => Boolean(variable(mark)));
}
