// Draws docs/chart.png: npm run build && node bench/chart/picture.mjs
import { writeFileSync } from "node:fs";
import { chartPicture } from "../../dist/src/hub/chart/picture.js";
import { sample } from "./sample.mjs";

writeFileSync(new URL("../../docs/chart.png", import.meta.url), await chartPicture(sample));
