/** A monitor's state as a small picture, for a README or a wiki. Its address cannot be guessed from another's. */
import { base64url, createSigner, NAME, sameText } from "./keys.ts";
import type { Status } from "./monitor.ts";

/** What a badge says: where a monitor stands, or that its beat is late but not yet missed. */
export type BadgeState = Status | "late";

/** What a badge is of; the name is "" for the service itself. */
export interface Badge {
  readonly service: string;
  readonly name: string;
}

/** Signs the addresses of badges, and reads them. */
export interface Badges {
  /** `<service>[.<name>].<mac>`, the part of the address before `.svg` or `.json`. Throws when a name is not one. */
  issue(service: string, name: string): Promise<string>;
  /** What a signed address is of; `undefined` when it is malformed or forged. */
  verify(signed: string): Promise<Badge | undefined>;
}

/**
 * What shields.io asks of an endpoint.
 *
 * @see https://shields.io/badges/endpoint-badge
 */
export interface BadgeJson {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly message: string;
  readonly color: string;
}

const GREY = "#5f6368";
/** Dark enough for white text on them: a contrast of 4.5 at least. */
const COLOURS: Readonly<Record<BadgeState, string>> = {
  up: "#2e7d32",
  late: "#a65a00",
  down: "#c62828",
  new: GREY,
  paused: GREY,
  resting: GREY,
};

export function createBadges(secret: string): Badges {
  const hmac = createSigner(secret);

  async function issue(service: string, name: string): Promise<string> {
    if (!isBadge({ service, name }))
      throw new Error(`"${service}" and "${name}" are no names of a service and its monitor`);
    const mac = base64url((await hmac(`badge:${service}:${name}`)).subarray(0, 16));
    return [service, ...(name === "" ? [] : [name]), mac].join(".");
  }

  return {
    issue,
    async verify(signed) {
      const [service = "", name = ""] = signed.split(".").slice(0, -1);
      const badge = { service, name };
      return isBadge(badge) && sameText(signed, await issue(service, name)) ? badge : undefined;
    },
  };
}

function isBadge({ service, name }: Badge): boolean {
  return NAME.test(service) && (name === "" || NAME.test(name));
}

export function badgeJson(label: string, state: BadgeState): BadgeJson {
  return { schemaVersion: 1, label, message: state, color: COLOURS[state] };
}

const HEIGHT = 20;
/** Between a text and the end of its half. */
const MARGIN = 6;

/** Label and state side by side. */
export function badgeSvg(label: string, state: BadgeState): string {
  const [left, right] = [widthOf(label), widthOf(state)];
  const [edge, width] = [left + 2 * MARGIN, left + right + 4 * MARGIN];
  const said = escaped(`${label}: ${state}`);
  // A reader's fonts are not known; textLength makes each text as wide as its half has room for.
  const text = (x: number, length: number, words: string): string =>
    `<text x="${x + MARGIN}" y="14" textLength="${length}">${escaped(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${said}">`,
    `<title>${said}</title>`,
    `<rect width="${width}" height="${HEIGHT}" rx="3" fill="${COLOURS[state]}"/>`,
    `<path d="M${edge} 0v${HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444"/>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    text(0, left, label),
    text(edge, right, state),
    "</g></svg>",
  ].join("");
}

/** How wide characters are at 11 px, about, as Verdana has them. */
const WIDTHS: readonly (readonly [characters: RegExp, width: number])[] = [
  [/[ijl|.,:;'!]/, 3.3],
  [/[ frt/()[\]-]/, 4.6],
  [/[mwMW@%]/, 10],
  [/[A-Z_]/, 7.6],
  [/[ -~]/, 6.7],
];
/** Of what is neither a letter nor a sign of ours. */
const WIDEST = 11;

function widthOf(text: string): number {
  const widths = [...text].map((it) => WIDTHS.find(([characters]) => characters.test(it))?.[1] ?? WIDEST);
  return Math.round(widths.reduce((sum, it) => sum + it, 0));
}

/** As text and as the value of an attribute; what no XML may hold becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Surrogate}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);
}
