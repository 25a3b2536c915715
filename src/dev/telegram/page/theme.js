// @ts-check
/**
 * Light or dark: as the system says, until the reader says otherwise.
 *
 * Loaded before the first paint, so a dark page never flashes white.
 */

const KEY = "snitchbot-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light" | "dark"} */
function systemTheme() {
  return systemDark.matches ? "dark" : "light";
}

/** @returns {"light" | "dark"} */
function currentTheme() {
  const chosen = localStorage.getItem(KEY);
  return chosen === "light" || chosen === "dark" ? chosen : systemTheme();
}

function paint() {
  document.documentElement.dataset.theme = currentTheme();
}

/** Turns the theme over; a choice that equals the system's is forgotten, so the page follows the system again. */
export function toggleTheme() {
  const next = currentTheme() === "dark" ? "light" : "dark";
  if (next === systemTheme()) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  paint();
}

systemDark.addEventListener("change", paint);
paint();
