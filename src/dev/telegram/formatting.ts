import type { Parameters } from "./call.ts";
import { readEntities } from "./entities.ts";
import { parseHtml } from "./html.ts";
import { badRequest } from "./refusal.ts";
import type { Formatted } from "./text.ts";
import type { World } from "./world.ts";

/** Where a call carries its text. */
export interface TextFields {
  readonly text: string;
  readonly entities: string;
}

const rawLimit = 32_768;

/** The text of a call, its markup or entities read but nothing cleaned yet. */
export function readFormatted(world: World, parameters: Parameters, fields: TextFields): Formatted {
  const text = parameters.text(fields.text);
  if (Buffer.byteLength(text) > rawLimit) throw badRequest("text is too long");
  const userById = (id: number) => world.user(id);
  switch (parameters.text("parse_mode").trim().toLowerCase()) {
    case "":
    case "none":
      return { text, entities: readEntities(parameters.text(fields.entities), userById) };
    case "html":
      return parseHtml(text, userById);
    case "markdown":
    case "markdownv2":
      world.violations.push(`parse_mode ${parameters.text("parse_mode")}: not supported by the stand-in`);
      return { text, entities: [] };
    default:
      throw badRequest("unsupported parse_mode");
  }
}
