/** A file that came with a call. */
export interface Upload {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a multipart body carried. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, Upload>;
}

/**
 * Reads a multipart/form-data body. The platform's own reader is stricter than Telegram's: it refuses the headers
 * that grammY writes (`content-disposition:form-data;name="x"`, without blanks).
 *
 * @returns undefined when the body is not what its boundary promises
 */
export function readMultipart(body: Uint8Array<ArrayBuffer>, boundary: string): Form | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = Buffer.from(`--${boundary}`);
  const fields = new Map<string, string>();
  const files = new Map<string, Upload>();

  let start = bytes.indexOf(mark);
  if (start < 0) return undefined;
  for (;;) {
    start += mark.length;
    if (bytes.toString("latin1", start, start + 2) === "--") return { fields, files };
    const end = bytes.indexOf(Buffer.concat([Buffer.from("\r\n"), mark]), start);
    if (end < 0) return undefined;
    const part = readPart(bytes.subarray(start + 2, end));
    if (!part) return undefined;
    if (part.file) files.set(part.name, part.file);
    else fields.set(part.name, part.text);
    start = end + 2;
  }
}

type Part =
  | { readonly name: string; readonly file: Upload; readonly text?: never }
  | { readonly name: string; readonly text: string; readonly file?: never };

function readPart(part: Buffer): Part | undefined {
  const blank = part.indexOf("\r\n\r\n");
  if (blank < 0) return undefined;
  const headers = part.toString("utf8", 0, blank);
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? "";
  const name = attribute(disposition, "name");
  if (name === undefined) return undefined;

  const body = part.subarray(blank + 4);
  const filename = attribute(disposition, "filename");
  if (filename === undefined) return { name, text: body.toString("utf8") };
  const type = /^content-type:\s*([^\r\n]+)$/im.exec(headers)?.[1]?.trim() ?? "application/octet-stream";
  return { name, file: { name: filename, type, bytes: new Uint8Array(body) } };
}

function attribute(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\r\\n]*))`, "i").exec(header);
  return match?.[1] ?? match?.[2];
}
