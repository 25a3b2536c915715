/** What Telegram lets a bot do in a chat, and the piece of Lua that keeps all hubs within it. */

/** Calls in so many milliseconds. Edits, and news of monitors, leave some of them to alerts, and alerts some to what is critical and to a new topic. */
export interface Budget {
  readonly calls: number;
  readonly span: number;
  readonly editsLeave: number;
  readonly alertsLeave: number;
}

/**
 * A granted call is made within 15 seconds or not at all, so that many are added to Telegram's minute.
 *
 * @see https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
 */
const GROUP: Budget = { calls: 20, span: 75_000, editsLeave: 8, alertsLeave: 4 };
const PRIVATE: Budget = { calls: 5, span: 6_000, editsLeave: 2, alertsLeave: 1 };

export function budgetOf(chatId: number | undefined): Budget {
  return chatId !== undefined && chatId > 0 ? PRIVATE : GROUP;
}

/** Reads the budget of one chat; part of the scripts that let a hub call Telegram. */
export const BUDGET: string = /* lua */ `
-- What is left of a chat's budget: at most LIMIT calls in any SPAN, none before a penalty is over. What a hub whose clock is
-- ahead has spent must not weigh for hours.
local function budgetOf(state, blocked, limit, span, now)
  local calls = {}
  for at in string.gmatch(state or '', '%d+') do if math.abs(tonumber(at) - now) < span then calls[#calls + 1] = at end end
  return calls, tonumber(blocked or 0) > now and 0 or limit - #calls
end
`;
