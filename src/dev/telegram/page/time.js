// @ts-check
/** Times as the reader writes them: their language, their zone. Everything here takes seconds since 1970, as Telegram does. */

/** @typedef {Intl.DateTimeFormatOptions} Options */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {number} unix
 * @param {Options} options
 */
function format(unix, options) {
  const key = JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(undefined, options);
  formats.set(key, known);
  return known.format(unix * 1000);
}

/**
 * A time by the letters of a `date_time` entity: `r` relative, or `w` weekday, `d` short or `D` long date, `t` short
 * or `T` long time.
 *
 * @param {number} unix
 * @param {string} letters
 * @param {number} now
 * @returns {string}
 * @see https://core.telegram.org/bots/api#date-time-entity-formatting
 */
export function formatTime(unix, letters, now) {
  if (letters === "r" || letters === "R") return relativeTime(unix, now);
  /** @type {Options} */
  const options = {};
  if (/w/i.test(letters)) options.weekday = "long";
  if (letters.includes("d")) Object.assign(options, { year: "2-digit", month: "2-digit", day: "2-digit" });
  if (letters.includes("D")) Object.assign(options, { year: "numeric", month: "long", day: "numeric" });
  if (/t/i.test(letters)) Object.assign(options, { hour: "numeric", minute: "2-digit" });
  if (letters.includes("T")) options.second = "2-digit";
  return format(unix, options);
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/**
 * "3 minutes ago". Below a minute it counts in tens, so that a quiet page does not flicker.
 *
 * @param {number} unix
 * @param {number} now
 * @returns {string}
 */
export function relativeTime(unix, now) {
  const seconds = Math.round(unix - now);
  const size = Math.abs(seconds);
  if (size < MINUTE) return relative.format(Math.trunc(seconds / 10) * 10, "second");
  if (size < HOUR) return relative.format(Math.trunc(seconds / MINUTE), "minute");
  if (size < DAY) return relative.format(Math.trunc(seconds / HOUR), "hour");
  return relative.format(Math.trunc(seconds / DAY), "day");
}

/**
 * @param {number} unix
 * @returns {string} the whole of it, for a tooltip
 */
export function fullTime(unix) {
  return format(unix, { dateStyle: "full", timeStyle: "long" });
}

/**
 * @param {number} unix
 * @returns {string} "14:42"
 */
export function clockTime(unix) {
  return format(unix, { hour: "2-digit", minute: "2-digit" });
}

/**
 * @param {number} unix
 * @param {number} now
 * @returns {string} "Today", "Yesterday", "March 17"
 */
export function dayName(unix, now) {
  if (isSameDay(unix, now)) return "Today";
  if (isSameDay(unix, now - DAY)) return "Yesterday";
  const isThisYear = format(unix, { year: "numeric" }) === format(now, { year: "numeric" });
  return format(unix, { month: "long", day: "numeric", ...(!isThisYear && { year: "numeric" }) });
}

/**
 * When something was last heard of, as short as a list has room for.
 *
 * @param {number} unix
 * @param {number} now
 * @returns {string}
 */
export function shortTime(unix, now) {
  if (isSameDay(unix, now)) return clockTime(unix);
  if (now - unix < 6 * DAY) return format(unix, { weekday: "short" });
  return format(unix, { month: "short", day: "numeric" });
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {boolean}
 */
export function isSameDay(a, b) {
  return new Date(a * 1000).toDateString() === new Date(b * 1000).toDateString();
}

/** @returns {number} the clock, in seconds */
export function now() {
  return Date.now() / 1000;
}

/** Keeps every relative time on the page true. */
export function keepTimesTrue() {
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-unix]")) {
      const text = relativeTime(Number(/** @type {HTMLElement} */ (time).dataset.unix), now());
      if (time.textContent !== text) time.textContent = text;
    }
  }, 5000);
}
