/** What Telegram made of a link: the link it keeps, or why it will not have it. */
export type LinkCheck =
  | { readonly kind: "link"; readonly url: string }
  | { readonly kind: "wrong"; readonly why: string };

/**
 * Whether Telegram takes `url` for a link. A host without a dot is none, so neither `http://localhost:8787` nor a
 * bare word can be put behind a button.
 */
export function checkLink(url: string): LinkCheck {
  if (/^(tg|ton|tonsite):/i.test(url)) return { kind: "link", url };
  const spelled = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  const protocol = spelled.slice(0, spelled.indexOf(":")).toLowerCase();
  if (protocol !== "http" && protocol !== "https") return { kind: "wrong", why: "Unsupported URL protocol" };

  const authority = spelled.slice(protocol.length + 3).split(/[/?#]/)[0] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host === "") return { kind: "wrong", why: "URL host is empty" };
  if (!URL.canParse(spelled)) return { kind: "wrong", why: "Wrong HTTP URL" };

  const { hostname, href } = new URL(spelled);
  if (!hostname.includes(".") && !hostname.startsWith("[")) return { kind: "wrong", why: "Wrong HTTP URL" };
  return { kind: "link", url: href };
}

/** The user a `tg://user?id=…` link speaks of. */
export function mentionedUser(url: string): number | undefined {
  const id = /^tg:(?:\/\/)?user\/?\?(?:.*&)?id=(\d+)/i.exec(url)?.[1];
  return id === undefined ? undefined : Number(id);
}
