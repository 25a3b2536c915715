// Writes method-table.ts: which parameters each Bot API method has, read from the types that grammY publishes.
// Run it after an update of @grammyjs/types: node src/dev/telegram/generate-methods.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { parseAst } from "rolldown/parseAst";

const supported = [
  "getMe",
  "sendMessage",
  "sendDocument",
  "sendPhoto",
  "sendChatAction",
  "editMessageText",
  "editMessageCaption",
  "editMessageMedia",
  "editMessageReplyMarkup",
  "editEphemeralMessageText",
  "editEphemeralMessageCaption",
  "editEphemeralMessageReplyMarkup",
  "deleteMessage",
  "deleteEphemeralMessage",
  "setMessageReaction",
  "answerCallbackQuery",
  "pinChatMessage",
  "unpinChatMessage",
  "unpinAllChatMessages",
  "createForumTopic",
  "editForumTopic",
  "closeForumTopic",
  "reopenForumTopic",
  "deleteForumTopic",
  "setMyCommands",
  "getMyCommands",
  "deleteMyCommands",
  "setWebhook",
  "deleteWebhook",
  "getWebhookInfo",
  "getUpdates",
  "getChat",
  "getChatMember",
  "getChatAdministrators",
  "leaveChat",
  "getFile",
];

/** The text of method-table.ts. */
export function generate() {
  const types = createRequire(import.meta.url).resolve("@grammyjs/types/methods.d.ts");
  const { version } = JSON.parse(readFileSync(new URL("package.json", pathToFileURL(types)), "utf8"));
  const source = readFileSync(types, "utf8");
  const members = membersOf(parseAst(source, { lang: "dts" }, types));

  const tables = supported.map((name) => {
    const member = members.get(name);
    if (!member) throw new Error(`${name} is not a method in @grammyjs/types ${version}`);
    return `  ${name}: ${table(parametersOf(member, source))},\n`;
  });
  const others = [...members.keys()].filter((name) => !supported.includes(name)).map((name) => `  "${name}",\n`);

  return `// Written by generate-methods.mjs from @grammyjs/types ${version}; do not edit.

/** The parameters of a Bot API method: their names, each with its type. */
export interface MethodTable {
  readonly required: Readonly<Record<string, string>>;
  readonly optional: Readonly<Record<string, string>>;
}

/** The methods this stand-in speaks. */
export const methodTable: Readonly<Record<string, MethodTable>> = {
${tables.join("")}};

/** Methods that Telegram has and this stand-in does not speak. */
export const otherMethods: readonly string[] = [
${others.join("")}];
`;
}

function membersOf(program) {
  const declarations = program.body.map((statement) => statement.declaration ?? statement);
  const api = declarations.find((declaration) => declaration.id?.name === "ApiMethods");
  const methods = api.typeAnnotation.members.filter((member) => member.type === "TSMethodSignature");
  return new Map(methods.map((member) => [member.key.name, member]));
}

function parametersOf(member, source) {
  const literal = member.params[0]?.typeAnnotation.typeAnnotation;
  return (literal?.members ?? []).map((property) => {
    const { start, end } = property.typeAnnotation.typeAnnotation;
    const type = source.slice(start, end).replace(/\s+/g, " ");
    return { name: property.key.name, type, optional: property.optional };
  });
}

function table(parameters) {
  const part = (optional) => {
    const lines = parameters
      .filter((parameter) => parameter.optional === optional)
      .map(({ name, type }) => line(`      ${name}:`, quoted(type)));
    return lines.length > 0 ? `{\n${lines.join("")}    }` : "{}";
  };
  return `{\n    required: ${part(false)},\n    optional: ${part(true)},\n  }`;
}

// As the formatter would have it: at most 120 columns.
const line = (key, value) => `${key}${key.length + value.length < 119 ? " " : "\n        "}${value},\n`;
const quoted = (text) => (text.includes('"') ? `'${text}'` : `"${text}"`);

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(new URL("method-table.ts", import.meta.url), generate());
}
