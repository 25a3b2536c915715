/**
 * Next.js: the one file that it takes. Whatever pages, actions, route handlers and the proxy throw is told from here.
 * With `app/` and `proxy.ts` beside it, it goes into the root of a project of yours.
 *
 *     npx next dev
 *     curl localhost:3000/api/seats/12F --cookie 'seat="11C"'
 */
import { snitch } from "snitchbot";
import { snitchRequestError } from "snitchbot/next";

export function register(): void {
  snitch.init({ release: process.env.VERCEL_GIT_COMMIT_SHA, env: process.env.VERCEL_ENV });
}

export const onRequestError = snitchRequestError(snitch);
