import { isObject, type JsonObject, parsed } from "./json.ts";
import { type MethodTable, methodTable, otherMethods } from "./method-table.ts";
import { readMultipart, type Upload } from "./multipart.ts";
import { badRequest } from "./refusal.ts";

/** One request to the Bot API, however it was written: query, form, JSON and multipart are all the same to it. */
export interface Call {
  /** The method's name as documented; as it was written, when Telegram has no such method. */
  readonly method: string;
  readonly parameters: Parameters;
}

/**
 * What a call asks for. To Telegram every parameter is text: a JSON body's numbers, booleans and objects are read
 * as the JSON that spells them.
 */
export class Parameters {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #files: ReadonlyMap<string, Upload>;

  constructor(texts: ReadonlyMap<string, string> = new Map(), files: ReadonlyMap<string, Upload> = new Map()) {
    this.#texts = texts;
    this.#files = files;
  }

  /** Names of all parameters, files named directly included. */
  names(): readonly string[] {
    const texts = [...this.#texts.values()];
    const isAttached = (link: string) => texts.some((text) => text === link || text.includes(JSON.stringify(link)));
    const direct = [...this.#files.keys()].filter((name) => !isAttached(`${attachment}${name}`));
    return [...this.#texts.keys(), ...direct];
  }

  /** The text of a parameter, empty when it is absent. */
  text(name: string): string {
    return this.#texts.get(name) ?? "";
  }

  /** The number a parameter begins with, 0 when it is absent or none: Telegram reads no further than the digits. */
  integer(name: string): number {
    const digits = /^\s*-?\d{1,18}/.exec(this.text(name))?.[0];
    return digits === undefined ? 0 : Number(digits);
  }

  /** Whether a parameter says yes. */
  flag(name: string): boolean {
    return ["true", "yes", "1"].includes(this.text(name).trim().toLowerCase());
  }

  /** The JSON value of a parameter, or undefined when it is absent, empty or not JSON. */
  json(name: string): unknown {
    return parsed(this.text(name));
  }

  /** The file sent as a parameter: under its own name, or under another as `attach://name`. */
  file(name: string): Upload | undefined {
    const text = this.text(name);
    return this.#files.get(text.startsWith(attachment) ? text.slice(attachment.length) : name);
  }

  /** The fields of an object among the parameters, read like parameters; they may name files of the call. */
  within(object: JsonObject): Parameters {
    return new Parameters(new Map(textsOf(object)), this.#files);
  }

  /** The parameters as a person would write them: JSON where the method takes something other than text. */
  readable(method: string): Readonly<Record<string, unknown>> {
    const types = typesOf(method);
    const value = (name: string) => {
      const file = this.file(name);
      if (file) return { file: file.name, size: file.bytes.length };
      return types.get(name) === "string" ? this.text(name) : (this.json(name) ?? this.text(name));
    };
    return Object.fromEntries(this.names().map((name) => [name, value(name)]));
  }
}

/** Reads the call that a request to `/bot<token>/<method>` makes. */
export async function readCall(method: string, request: Request): Promise<Call> {
  const texts = new Map(new URL(request.url).searchParams);
  const files = new Map<string, Upload>();
  await readBody(request, texts, files);
  return { method: canonical(method), parameters: new Parameters(texts, files) };
}

/** The documented spelling of a method's name; Telegram does not mind its case. */
export function canonical(method: string): string {
  return names.get(method.toLowerCase()) ?? method;
}

/** What this stand-in knows of a method, or undefined when it does not speak it. */
export function tableOf(method: string): MethodTable | undefined {
  return Object.hasOwn(methodTable, method) ? methodTable[method] : undefined;
}

/** The type of every parameter of a method. */
export function typesOf(method: string): ReadonlyMap<string, string> {
  const table = tableOf(method);
  return new Map(Object.entries({ ...table?.required, ...table?.optional }));
}

const attachment = "attach://";
const names = new Map([...Object.keys(methodTable), ...otherMethods].map((name) => [name.toLowerCase(), name]));

async function readBody(request: Request, texts: Map<string, string>, files: Map<string, Upload>): Promise<void> {
  const type = request.headers.get("content-type") ?? "";
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length === 0) return;

  if (/^application\/json/i.test(type)) {
    for (const [name, value] of jsonFields(body)) texts.set(name, value);
  } else if (/^multipart\/form-data/i.test(type)) {
    const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
    const form = readMultipart(body, boundary?.[1] ?? boundary?.[2] ?? "");
    if (!form) throw badRequest("can't parse multipart form data");
    for (const [name, value] of form.fields) texts.set(name, value);
    for (const [name, file] of form.files) files.set(name, file);
  } else if (/^application\/x-www-form-urlencoded/i.test(type)) {
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) texts.set(name, value);
  }
}

function jsonFields(body: Uint8Array): Iterable<[string, string]> {
  const value = parsed(new TextDecoder().decode(body));
  if (value === undefined) throw badRequest("can't parse JSON object");
  if (!isObject(value)) throw badRequest("JSON object expected");
  return textsOf(value);
}

function textsOf(object: JsonObject): [string, string][] {
  return Object.entries(object).map(([name, field]) => [
    name,
    typeof field === "string" ? field : JSON.stringify(field),
  ]);
}
