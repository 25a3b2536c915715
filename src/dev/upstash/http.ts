/** The HTTP side of the front: who may ask, what was sent, what goes back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Encoding } from "./answer.ts";
import { Refusal } from "./call.ts";

/** Upstash's limit for a request. */
const maxBody = 10 * 1024 * 1024;

/** Throws a {@link Refusal} unless the request may run commands. */
export function authorize({ method = "", headers }: IncomingMessage, url: URL, token: string): void {
  if (!["HEAD", "GET", "POST", "PUT"].includes(method)) throw new Refusal(405, "ERR method not allowed");
  const presented = headers.authorization?.replace(/^Bearer /i, "") ?? url.searchParams.get("_token");
  if (presented !== token) throw new Refusal(401, "WRONGPASS invalid or missing auth token");
}

/** How the caller wants strings written. */
export function encodingOf({ headers }: IncomingMessage): Encoding {
  const format = headers["upstash-response-format"] ?? "json";
  if (format !== "json") throw new Refusal(400, `ERR response format ${format} is not available`);
  return headers["upstash-encoding"] === "base64" ? "base64" : "utf8";
}

/** The whole body. Reads to the end even what is too big: who is cut off while sending never sees why. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBody) chunks.push(chunk);
  }
  if (size <= maxBody) return Buffer.concat(chunks);
  throw new Refusal(400, `ERR max request size exceeded. Limit: ${maxBody} bytes, Actual: ${size} bytes`);
}

/** Sends an answer as JSON. */
export function sendAnswer(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
