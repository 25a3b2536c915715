import type { Document, PhotoSize } from "@grammyjs/types";
import { mustBeAllowed, roomOf } from "../access.ts";
import type { Parameters } from "../call.ts";
import type { StoredFile } from "../files.ts";
import { readFormatted } from "../formatting.ts";
import { type ImageSize, imageSize } from "../image.ts";
import { isObject } from "../json.ts";
import { readKeyboard } from "../keyboard.ts";
import { type Content, post } from "../posting.ts";
import { badRequest, Refusal } from "../refusal.ts";
import type { ChatMessage } from "../room.ts";
import { captionText } from "../text.ts";
import type { World } from "../world.ts";
import { captionContent, edit, editable } from "./messages.ts";
import type { Method, Methods } from "./method.ts";

/** Sending files and finding them again. */
export const fileMethods: Methods = {
  sendDocument: sender("document"),
  sendPhoto: sender("photo"),

  editMessageMedia(world, parameters) {
    const { room, message } = editable(world, parameters);
    const wish = parameters.json("media");
    if (!isObject(wish)) throw badRequest("can't parse input media JSON object");
    const { type, media } = wish;
    if (type !== "photo" && type !== "document") throw unsupported(world, `media of the type ${type}`);
    const fields = parameters.within({ ...wish, [type]: media });
    const given = readFormatted(world, fields, captionFields);
    const {
      text: _,
      entities: __,
      photo: ___,
      document: ____,
      caption: _____,
      caption_entities: ______,
      ...rest
    } = message;
    const content = { ...contentOf(world, fields, type), ...captionContent(captionText(given)) };
    return edit(world, room, parameters, rest as ChatMessage, content);
  },

  getFile(world, parameters) {
    const stored = world.files.find(parameters.text("file_id"));
    if (!stored) throw badRequest("wrong file_id or the file is temporarily unavailable");
    if (stored.file.file_size > mostBytes.download) throw badRequest("file is too big");
    return stored.file;
  },
};

type Kind = "document" | "photo";

const megabyte = 1 << 20;
const mostBytes = { document: 50 * megabyte, photo: 10 * megabyte, download: 20 * megabyte };

/** Width and height of a photo are at most 10000 together, and one at most twenty times the other. */
function isShowable({ width, height }: ImageSize): boolean {
  return width + height <= 10_000 && Math.max(width, height) <= 20 * Math.min(width, height);
}

const captionFields = { text: "caption", entities: "caption_entities" };

function sender(kind: Kind): Method {
  return (world, parameters) => {
    const given = readFormatted(world, parameters, captionFields);
    const room = roomOf(world, parameters);
    const keyboard = readKeyboard(parameters.text("reply_markup"), room.chat.type === "private");
    mustBeAllowed(room, `can_send_${kind}s`, `send ${kind}s to the chat`);
    const caption = captionContent(captionText(given));
    const content = contentOf(world, parameters, kind);
    return post(world, room, parameters, { ...content, ...caption }, keyboard);
  };
}

/** What a message with the call's file says. */
function contentOf(world: World, parameters: Parameters, kind: Kind): Content {
  const file = stored(world, parameters, kind);
  return kind === "photo" ? { photo: [photoOf(file)] } : { document: documentOf(file) };
}

function documentOf({ file, upload }: StoredFile): Document {
  const { file_id, file_unique_id, file_size } = file;
  const mime_type = mimeType(upload.name, upload.type);
  return { file_id, file_unique_id, file_size, file_name: upload.name, mime_type };
}

function photoOf({ file, upload }: StoredFile): PhotoSize {
  const { file_id, file_unique_id, file_size } = file;
  const size = imageSize(upload.bytes);
  if (!size) throw badRequest("IMAGE_PROCESS_FAILED");
  if (!isShowable(size)) throw badRequest("PHOTO_INVALID_DIMENSIONS");
  return { file_id, file_unique_id, file_size, ...size };
}

function stored(world: World, parameters: Parameters, kind: Kind): StoredFile {
  const upload = parameters.file(kind);
  if (!upload) return known(world, parameters.text(kind), kind);
  const size = upload.bytes.length;
  if (size === 0) throw badRequest("file must be non-empty");
  if (size > mostBytes.document) throw new Refusal(413, "Request Entity Too Large");
  if (size > mostBytes[kind]) {
    throw badRequest(`file of size ${size} bytes is too big for a photo; the maximum size is ${mostBytes.photo} bytes`);
  }
  return world.files.store(upload, `${kind}s`);
}

function known(world: World, id: string, kind: string): StoredFile {
  if (id === "") throw badRequest(`there is no ${kind} in the request`);
  if (/^https?:/i.test(id)) throw unsupported(world, `${kind} by URL`);
  const file = world.files.find(id);
  if (!file) throw badRequest("wrong file identifier/HTTP URL specified");
  return file;
}

/** What Telegram would take and the stand-in does not; no test should miss it. */
function unsupported(world: World, what: string): Refusal {
  world.violations.push(`${what}: not supported by the stand-in`);
  return badRequest(`${what} is not supported by the stand-in`);
}

/** Telegram goes by the name, as bots seldom say what a file is. */
function mimeType(name: string, given: string): string {
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return mimeTypes.get(extension) ?? given;
}

const mimeTypes: ReadonlyMap<string, string> = new Map([
  ["txt", "text/plain"],
  ["log", "text/plain"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["html", "text/html"],
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["pdf", "application/pdf"],
  ["zip", "application/zip"],
  ["gz", "application/gzip"],
]);
