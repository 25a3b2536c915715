/** What is done with the vitals of a process: what is unusual is told, and beats carry them all. */
import type { Fetch } from "../client/beacon.ts";
import type { AnomalyOptions, Core, ProcessOptions } from "../client/resident.ts";
import { createDetector, type Detector } from "./anomaly.ts";
import { createFamilyReadings } from "./family.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import { readings } from "./readings.ts";
import { createSampler, machine, watchVitals } from "./vitals.ts";

/** See {@link createCheckup}. */
export interface Checkup {
  /** Begins, ends or changes what the options say; what they leave as it was goes on undisturbed. */
  set(options: ProcessOptions): void;
}

/** Nothing is sampled until somebody wants it. Beats are sent by `fetch`; without it there are none. */
export function createCheckup(core: Core, fetch: Fetch | undefined): Checkup {
  let heartbeat: Heartbeat | undefined;
  let detector: { readonly options: AnomalyOptions | undefined; readonly detect: Detector } | undefined;
  let sampling: { readonly isFamily: boolean; readonly stop: () => void } | undefined;

  const beat = (isWanted: boolean): void => {
    if (isWanted && fetch) heartbeat ??= startHeartbeat(core, fetch);
    else {
      heartbeat?.stop();
      heartbeat = undefined;
    }
  };

  const detect = (options: AnomalyOptions | false | undefined): void => {
    if (options === false) detector = undefined;
    else if (!detector || detector.options !== options) detector = { options, detect: createDetector(options) };
  };

  const sample = (isWanted: boolean, isFamily: boolean): void => {
    if (isWanted && sampling?.isFamily === isFamily) return;
    sampling?.stop();
    sampling = isWanted ? { isFamily, stop: start(isFamily) } : undefined;
  };

  const start = (isFamily: boolean): (() => void) =>
    watchVitals(
      (vitals) => {
        heartbeat?.add(vitals);
        for (const event of detector?.detect(vitals) ?? []) core.tell(event);
      },
      createSampler(isFamily ? createFamilyReadings() : readings, machine),
    );

  return {
    set({ heartbeat: isBeating = true, anomalies, processTree = false }) {
      beat(isBeating);
      detect(anomalies);
      sample(heartbeat !== undefined || detector !== undefined, processTree);
    },
  };
}
