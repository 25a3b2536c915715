// What was measured, a column for each client. The ratio is what decides: the machine is the same for all.
import { CONTROLS, OURS, present, versioned } from "./drivers.mjs";

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Few digits: nobody measures more. */
const brief = (value) => Number(value.toPrecision(value >= 1_000 ? 4 : 3));

/**
 * One line of a table. `values` were measured now, `references` once, elsewhere: those are marked, and stand in where a
 * client is not installed. How often the best of the others takes what we take, unless `isCount`: then less is not better.
 */
function lineOf({ what, aim = "", values, references = {}, isCount }, names) {
  const others = names.filter((name) => !CONTROLS.includes(name) && !OURS.includes(name));
  const found = (name) => values[name] ?? references[name];
  const cell = (name) => {
    if (found(name) === undefined) return "";
    return values[name] === undefined ? `${references[name]} (ref)` : brief(values[name]);
  };
  const best = Math.min(...others.map((name) => found(name) ?? Number.POSITIVE_INFINITY));
  const ratio = values.snitchbot > 0 && Number.isFinite(best) && !isCount ? best / values.snitchbot : undefined;
  const cells = Object.fromEntries(names.map((name) => [name, cell(name)]));
  return [what, { aim, ...cells, ...(ratio && { "best other / ours": brief(ratio) }) }];
}

/** Prints a table of `rows`, with a column for each of `names` that has something to show. */
export function sideBySide(title, names, rows) {
  const shown = names.filter((name) =>
    rows.some(({ values, references }) => (values[name] ?? references?.[name]) !== undefined),
  );
  const missing = shown.filter((name) => !CONTROLS.includes(name) && !present(shown).includes(name));
  console.log(
    `\n${title}: ${shown
      .filter((name) => versioned(name) !== name)
      .map(versioned)
      .join(", ")}`,
  );
  if (missing.length > 0)
    console.log("(ref): measured before, on another day; npm install --prefix bench measures all in one run");
  console.log("");
  console.table(Object.fromEntries(rows.map((row) => lineOf(row, shown))));
}
