import type { Document, PhotoSize } from "@grammyjs/types";
import { mustBeAllowed, roomOf } from "../access.ts";
import type { Parameters } from "../call.ts";
import type { StoredFile } from "../files.ts";
import { readFormatted } from "../formatting.ts";
import { type ImageSize, imageSize } from "../image.ts";
import { readKeyboard } from "../keyboard.ts";
import { type Content, post } from "../posting.ts";
import { badRequest, Refusal } from "../refusal.ts";
import { captionText } from "../text.ts";
import type { World } from "../world.ts";
import { captionContent } from "./messages.ts";
import type { Method, Methods } from "./method.ts";

/** Sending files and finding them again. */
export const fileMethods: Methods = {
  sendDocument: sender("document", ({ file, upload }): Content => {
    const { file_id, file_unique_id, file_size } = file;
    const document: Document = {
      file_id,
      file_unique_id,
      file_size,
      file_name: upload.name,
      mime_type: mimeType(upload.name, upload.type),
    };
    return { document };
  }),

  sendPhoto: sender("photo", ({ file, upload }): Content => {
    const { file_id, file_unique_id, file_size } = file;
    const size = imageSize(upload.bytes);
    if (!size) throw badRequest("IMAGE_PROCESS_FAILED");
    if (!isShowable(size)) throw badRequest("PHOTO_INVALID_DIMENSIONS");
    const photo: PhotoSize = { file_id, file_unique_id, file_size, ...size };
    return { photo: [photo] };
  }),

  getFile(world, parameters) {
    const stored = world.files.find(parameters.text("file_id"));
    if (!stored) throw badRequest("wrong file_id or the file is temporarily unavailable");
    if (stored.file.file_size > mostBytes.download) throw badRequest("file is too big");
    return stored.file;
  },
};

const megabyte = 1 << 20;
const mostBytes = { document: 50 * megabyte, photo: 10 * megabyte, download: 20 * megabyte };

/** Width and height of a photo are at most 10000 together, and one at most twenty times the other. */
function isShowable({ width, height }: ImageSize): boolean {
  return width + height <= 10_000 && Math.max(width, height) <= 20 * Math.min(width, height);
}

function sender(kind: "document" | "photo", contentOf: (stored: StoredFile) => Content): Method {
  return (world, parameters) => {
    const given = readFormatted(world, parameters, { text: "caption", entities: "caption_entities" });
    const room = roomOf(world, parameters);
    const keyboard = readKeyboard(parameters.text("reply_markup"), room.chat.type === "private");
    mustBeAllowed(room, `can_send_${kind}s`, `send ${kind}s to the chat`);
    const caption = captionContent(captionText(given));
    const content = contentOf(stored(world, parameters, kind));
    return post(world, room, parameters, { ...content, ...caption }, keyboard);
  };
}

function stored(world: World, parameters: Parameters, kind: "document" | "photo"): StoredFile {
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
  if (/^https?:/i.test(id)) {
    world.violations.push(`${kind} by URL: not supported by the stand-in`);
    throw badRequest("failed to get HTTP URL content");
  }
  const file = world.files.find(id);
  if (!file) throw badRequest("wrong file identifier/HTTP URL specified");
  return file;
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
