import type { MessageEntity } from "@grammyjs/types";
import { entityOf, type OpenTag, tags, unparsable } from "./elements.ts";
import type { UserById } from "./entities.ts";
import type { Formatted } from "./text.ts";

/**
 * Reads text marked up as HTML, with the tags and the refusals of Telegram's own parser.
 *
 * @see https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp parse_html
 */
export function parseHtml(source: string, userById: UserById): Formatted {
  return new HtmlReader(source, userById).read();
}

class HtmlReader {
  readonly #source: string;
  readonly #userById: UserById;
  readonly #entities: MessageEntity[] = [];
  readonly #open: OpenTag[] = [];
  #text = "";
  #at = 0;

  constructor(source: string, userById: UserById) {
    this.#source = source;
    this.#userById = userById;
  }

  read(): Formatted {
    while (this.#at < this.#source.length) {
      if (this.#source[this.#at] !== "<") this.#text += this.#character();
      else if (this.#source[this.#at + 1] === "/") this.#endTag();
      else this.#startTag();
    }
    const unclosed = this.#open.at(-1);
    if (unclosed) throw unparsable(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
    if (/\p{Surrogate}/u.test(this.#text)) {
      throw unparsable(
        "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
      );
    }
    return { text: this.#text, entities: this.#entities };
  }

  /** One character, decoded when it is written as `&…`. */
  #character(): string {
    const reference = /^&(?:#x([\da-fA-F]+)|#(\d+)|(lt|gt|amp|quot)(?![a-zA-Z]));?/.exec(
      this.#source.slice(this.#at, this.#at + 12),
    );
    const decoded = reference && decode(reference);
    if (reference && decoded) {
      this.#at += reference[0].length;
      return decoded;
    }
    return this.#source[this.#at++] as string;
  }

  #startTag(): void {
    const begin = this.#at++;
    const name = this.#take(/[^\s>]*/y).toLowerCase();
    if (this.#isAtEnd) throw unparsable(`Unclosed start tag at byte offset ${this.#byte(begin)}`);
    if (!tags.includes(name)) {
      throw unparsable(`Unsupported start tag "${name}" at byte offset ${this.#byte(begin)}`);
    }
    const attributes = this.#attributes(name, begin);
    if (name === "span" && attributes.get("class") !== "tg-spoiler") {
      throw unparsable(`Tag "span" must have class "tg-spoiler" at byte offset ${this.#byte(begin)}`);
    }
    this.#open.push({ name, attributes, offset: this.#text.length });
  }

  #attributes(tag: string, begin: number): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      this.#take(/\s*/y);
      if (this.#isAtEnd) throw unparsable(`Unclosed start tag at byte offset ${this.#byte(begin)}`);
      if (this.#source[this.#at] === ">") break;
      const name = this.#take(/[^\s=>/"']*/y).toLowerCase();
      if (name === "") throw unparsable(`Empty attribute name in the tag "${tag}" at byte offset ${this.#byte(begin)}`);
      const isGiven = this.#take(/\s*=\s*/y) !== "";
      if (isGiven && this.#isAtEnd) throw unparsable(`Unclosed start tag "${tag}" at byte offset ${this.#byte(begin)}`);
      attributes.set(name, isGiven ? this.#value() : "");
    }
    this.#at++;
    return attributes;
  }

  #value(): string {
    const quote = this.#source[this.#at] as string;
    if (quote !== '"' && quote !== "'") return this.#nameToken();
    this.#at++;
    let value = "";
    while (!this.#isAtEnd && this.#source[this.#at] !== quote) value += this.#character();
    this.#at++;
    return value;
  }

  #nameToken(): string {
    const begin = this.#at;
    const token = this.#take(/[a-z\d.-]*/iy).toLowerCase();
    if (!this.#isAtEnd && !/[\s>]/.test(this.#source[this.#at] as string)) {
      throw unparsable(`Unexpected end of name token at byte offset ${this.#byte(begin)}`);
    }
    return token;
  }

  #endTag(): void {
    const begin = this.#at;
    const tag = this.#open.pop();
    if (!tag) throw unparsable(`Unexpected end tag at byte offset ${this.#byte(begin)}`);
    this.#at += 2;
    const name = this.#take(/[^\s>]*/y).toLowerCase();
    this.#take(/\s*/y);
    if (this.#source[this.#at] !== ">") throw unparsable(`Unclosed end tag at byte offset ${this.#byte(begin)}`);
    if (name !== "" && name !== tag.name) {
      throw unparsable(
        `Unmatched end tag at byte offset ${this.#byte(begin)}, expected "</${tag.name}>", found "</${name}>"`,
      );
    }
    this.#at++;
    if (this.#text.length > tag.offset) this.#close(tag);
  }

  /** An element with some text in it has ended. */
  #close(tag: OpenTag): void {
    const range = { offset: tag.offset, length: this.#text.length - tag.offset };
    const last = this.#entities.at(-1);
    if (tag.name === "pre" && last?.type === "code" && last.offset === range.offset && last.length === range.length) {
      this.#entities.pop();
      this.#entities.push({ ...range, type: "pre", ...this.#languages.get(last) });
      return;
    }
    const entity = entityOf(tag, this.#text.slice(tag.offset), this.#userById);
    if (!entity) return;
    this.#entities.push(entity);
    const language = /^language-(.+)$/.exec(tag.attributes.get("class") ?? "")?.[1];
    if (tag.name === "code" && language) this.#languages.set(entity, { language });
  }

  /** The languages that code elements named, for the pre around them. */
  readonly #languages = new Map<MessageEntity, { readonly language: string }>();

  get #isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  /** What the sticky pattern finds here; moves past it. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  /** Telegram counts the place of a fault in bytes. */
  #byte(index: number): number {
    return Buffer.byteLength(this.#source.slice(0, index));
  }
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function decode([whole, hex, decimal, name]: RegExpExecArray): string | undefined {
  if (name) return named[name];
  const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
  const isTooLong = whole.replace(";", "").length >= 10;
  return code === 0 || code >= 0x10ffff || isTooLong ? undefined : String.fromCodePoint(code);
}
