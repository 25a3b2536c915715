import type { Parameters } from "../call.ts";
import { present } from "../json.ts";
import { badRequest, Refusal } from "../refusal.ts";
import type { WebhookSettings } from "../webhook.ts";
import type { World } from "../world.ts";
import type { Methods } from "./method.ts";

/** The two ways to hear of updates; a bot takes one of them. */
export const updateMethods: Methods = {
  getUpdates(world, parameters) {
    if (world.webhook.isSet) {
      throw new Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    allow(world, parameters);
    const limit = parameters.integer("limit");
    const most = limit >= 1 && limit <= 100 ? limit : 100;
    return world.updates.take(parameters.integer("offset"), most, Math.min(parameters.integer("timeout"), 50));
  },

  setWebhook(world, parameters) {
    const url = parameters.text("url").trim();
    if (url !== "") check(url, parameters.text("secret_token"));
    allow(world, parameters);
    if (parameters.flag("drop_pending_updates")) world.updates.drop();
    world.updates.endPoll("Conflict: terminated by setWebhook request");
    world.webhook.set(url === "" ? undefined : settings(url, parameters));
    return true;
  },

  deleteWebhook(world, parameters) {
    if (parameters.flag("drop_pending_updates")) world.updates.drop();
    world.webhook.set(undefined);
    return true;
  },

  getWebhookInfo: (world) => world.webhook.info(),
};

/** Plain HTTP and any port will do, as with a Bot API server of one's own that runs with --local. */
function check(url: string, secret: string): void {
  if (!/^https?:\/\//i.test(url)) throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  if (!URL.canParse(url)) throw badRequest("invalid webhook URL specified");
  if (secret.length > 256) throw badRequest("secret token is too long");
  if (!/^[\w-]*$/.test(secret)) throw badRequest("secret token contains unallowed characters");
}

function settings(url: string, parameters: Parameters): WebhookSettings {
  const connections = parameters.integer("max_connections");
  return {
    url,
    maxConnections: connections >= 1 && connections <= 100 ? connections : 40,
    ...present({
      secret: parameters.text("secret_token") || undefined,
      ip: parameters.text("ip_address") || undefined,
    }),
  };
}

/** What is not said stays as it was; an empty list means everything but what must be asked for by name. */
function allow(world: World, parameters: Parameters): void {
  const kinds = parameters.json("allowed_updates");
  if (Array.isArray(kinds)) world.updates.allowed = kinds.filter((kind) => typeof kind === "string");
}
