/** Every script that Redis runs for us, by its name. */
export { BLOCK, DIE, MOVED, PLACE, REVIVE, SPENT } from "../src/hub/store/chats.ts";
export { BOARD, BOARD_ENDED, BOARD_TOLD, SWITCH } from "../src/hub/store/dashboard.ts";
export { BIND, ENTER } from "../src/hub/store/desk.ts";
export { DIGESTED } from "../src/hub/store/digest.ts";
export { INGEST } from "../src/hub/store/ingest.lua.ts";
export { BEAT, HEARD, LAPSE, TUNE } from "../src/hub/store/monitor.lua.ts";
export { MUTE } from "../src/hub/store/mutes.ts";
export { CLAIM, CLOSE, SHOWN } from "../src/hub/store/outbox.ts";
export { QUIET_OVER } from "../src/hub/store/quiet.ts";
export { SURVEY } from "../src/hub/store/survey.ts";
export { FORGET, PRUNE } from "../src/hub/store/upkeep.ts";
export { HISTORY } from "../src/hub/store/vitals.lua.ts";
