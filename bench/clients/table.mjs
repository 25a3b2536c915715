// What was measured, a column for each client. The ratio is what decides: the machine is the same for all.
import { CONTROLS, OURS, present, versioned } from "./drivers.mjs";

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Few digits: nobody measures more. */
const brief = (value) => Number(value.toPrecision(value >= 1_000 ? 4 : 3));

/**
 * One line of a table. `values` were measured now, `references` once, elsewhere: those are marked, and stand in where a
 * client is not installed. The ratio is how many times ours the best of the others takes; only of what was measured now,
 * and not where `hasRatio` is false: less is not better there, or it is noise.
 */
function lineOf({ what, aim = "", values, references = {}, hasRatio = true }, names) {
  const cell = (name) => {
    if (values[name] !== undefined) return brief(values[name]);
    return references[name] === undefined ? "" : `${references[name]} (ref)`;
  };
  const others = names.filter((name) => !CONTROLS.includes(name) && !OURS.includes(name));
  const best = Math.min(...others.map((name) => values[name] ?? Number.POSITIVE_INFINITY));
  const ratio = values.snitchbot > 0 && Number.isFinite(best) && hasRatio ? brief(best / values.snitchbot) : "";
  const cells = Object.fromEntries(names.map((name) => [name, cell(name)]));
  return [what, { aim, ...cells, "best other / ours": ratio }];
}

/** Prints a table of `rows`, with a column for each of `names` that has something to show. */
export function sideBySide(title, names, rows) {
  const shown = names.filter((name) =>
    rows.some(({ values, references }) => (values[name] ?? references?.[name]) !== undefined),
  );
  const versions = shown.map(versioned).filter((name) => !shown.includes(name));
  console.log(`\n${title}: ${versions.join(", ")}`);
  if (shown.some((name) => !CONTROLS.includes(name) && !present(shown).includes(name))) {
    console.log("(ref): measured before, on another day; npm install --prefix bench measures all in one run");
  }
  console.log("");
  console.table(Object.fromEntries(rows.map((row) => lineOf(row, shown))));
}
