import process from "node:process";
import fc from "fast-check";

// The same samples in every run: what fails once fails again. FC_SEED=42 npm test looks at others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 7) });
