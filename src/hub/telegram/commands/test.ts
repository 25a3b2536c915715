/** `/test`: what an alert looks like here, and that the way to it is open. */
import type { Alert } from "../../alert.ts";
import { renderAlert } from "../render/message.ts";
import type { Command } from "./command.ts";

export const test: Command = {
  name: "test",
  summary: "Show what an alert looks like",
  usage: "[service]",
  example: "/test orders-api",
  async run({ service = "orders-api", now }) {
    const alert = alertOf(service, now);
    const warning = "A test: nothing is wrong. Telegram, the hub and its store are well.";
    const message = renderAlert(alert, { count: 1, first: now, last: now }, now, { warning });
    return { kind: "message", message: { ...message, buttons: [] } }; // there is nothing to be muted, and no trace
  },
};

function alertOf(service: string, now: number): Alert {
  const [type, message] = ["TestError", "this is how an error looks"];
  const stack = `${type}: ${message}\n    at handleOrder (src/orders.ts:42:7)\n    at listen (src/server.ts:12:3)`;
  return {
    service,
    fingerprint: "7e577e57",
    event: { kind: "error", severity: "error", at: now, title: message, error: { type, message, stack } },
    origin: { instance: "test" },
  };
}
