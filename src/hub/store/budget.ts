/** What Telegram lets a bot do in a chat, and the piece of Lua that keeps all hubs within it. */

/**
 * Calls in so many milliseconds. Edits, and news of monitors, leave some of them to alerts, and alerts some to what is
 * critical and to a new topic. Answers leave fewer, so that in a storm a person can end it.
 */
export interface Budget {
  readonly calls: number;
  readonly span: number;
  readonly editsLeave: number;
  readonly alertsLeave: number;
  readonly answersLeave: number;
}

/**
 * A granted call is made within 15 seconds or not at all, so that many are added to Telegram's minute.
 *
 * @see https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
 */
const GROUP: Budget = { calls: 20, span: 75_000, editsLeave: 8, alertsLeave: 4, answersLeave: 2 };
const PRIVATE: Budget = { calls: 5, span: 6_000, editsLeave: 2, alertsLeave: 1, answersLeave: 1 };

export function budgetOf(chatId: number | undefined): Budget {
  return chatId !== undefined && chatId > 0 ? PRIVATE : GROUP;
}

/**
 * Finds the chat that is told, and its limits: a hub that was given no chat does not know who is bound until it hears of
 * it here. Part of the scripts that tell a chat.
 */
export const CHAT: string = /* lua */ `
-- A chat with a '?' before it is the one that a hub believes to be bound. Returns the one that is, '' for none.
local function chatOf(given, bound) return string.sub(given, 1, 1) == '?' and (bound or '') or given end
local function believed(given) return (string.gsub(given, '^%?', '')) end
-- What a hub believed to be a group, or did not know, may be somebody's private chat.
local function limitsOf(chat, given, calls, span, editsLeave, alertsLeave)
  if chat == '' or string.sub(chat, 1, 1) == '-' or chat == believed(given) then
    return tonumber(calls), tonumber(span), tonumber(editsLeave), tonumber(alertsLeave)
  end
  return ${PRIVATE.calls}, ${PRIVATE.span}, ${PRIVATE.editsLeave}, ${PRIVATE.alertsLeave}
end
`;

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
