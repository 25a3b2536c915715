/**
 * SvelteKit: the one file that it takes. `handle` gives all that is told its request, `handleError` tells what is thrown.
 *
 *     npx vite dev --port 3000
 *     curl localhost:3000/tides/rotterdam
 */
import { snitch } from "snitchbot";
import { snitchHandle, snitchHandleError } from "snitchbot/sveltekit";

export const handle = snitchHandle(snitch); // with others: sequence(snitchHandle(snitch), yours)

export const handleError = snitchHandleError(snitch, () => ({ message: "Low tide: we are on it." }));
