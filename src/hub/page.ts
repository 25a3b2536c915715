/** The page at `/`: the hub is up, and what to do next. It says nothing that is not public. */
export function welcome(version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>snitchbot</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif }
  body { max-width: 40rem; margin: 12vh auto; padding: 0 1.25rem }
  code { font: 0.9em ui-monospace, monospace; background: color-mix(in srgb, currentColor 8%, transparent); padding: 0.15em 0.4em; border-radius: 0.4em }
  li { margin: 0.5em 0 }
  small { opacity: 0.6 }
</style>
<h1>The hub is up.</h1>
<p>It tells a Telegram chat when a service breaks. Next:</p>
<ol>
  <li>Make a service's address: <code>snitchbot key orders-api</code></li>
  <li>Give it to the service as <code>SNITCHBOT_URL</code>.</li>
  <li>In its code: <code>import { snitch } from "snitchbot"</code>, then <code>snitch.capture(error)</code>.</li>
</ol>
<p><small>snitchbot ${version} · <a href="/health">health</a></small></p>
</html>
`;
}
