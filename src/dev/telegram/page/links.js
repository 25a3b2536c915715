// @ts-check
/** Links to the bot: `t.me/<bot>?start=…` and `t.me/<bot>?startgroup=…`. */

/**
 * @typedef {object} BotLink
 * @property {"start" | "startgroup"} kind whether it opens the bot's own chat, or adds the bot to a group
 * @property {string} payload may be empty
 */

/**
 * @param {string} address with or without its protocol, as people paste it
 * @param {string | undefined} bot the bot's user name
 * @returns {BotLink | undefined} nothing when it leads anywhere else
 */
export function botLink(address, bot) {
  const absolute = /^[a-z]+:\/\//i.test(address) ? address : `https://${address}`;
  if (!URL.canParse(absolute)) return undefined;
  const { hostname, pathname, protocol, searchParams } = new URL(absolute);
  const name = protocol === "tg:" ? searchParams.get("domain") : pathname.slice(1);
  const isTelegram = protocol === "tg:" || ["t.me", "telegram.me", "telegram.dog"].includes(hostname);
  if (!isTelegram || name?.toLowerCase() !== bot?.toLowerCase()) return undefined;
  const group = searchParams.get("startgroup");
  if (group !== null) return { kind: "startgroup", payload: group };
  return { kind: "start", payload: searchParams.get("start") ?? "" };
}
