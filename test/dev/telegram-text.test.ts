import type { MessageEntity } from "@grammyjs/types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stand } from "./telegram-stand.ts";

const { api, bot, refusal } = stand();
const say = (text: unknown, more: object = {}) => refusal("sendMessage", { chat_id: api.alerts, text, ...more });
const entitiesOf = async (text: string, entities: MessageEntity[]) =>
  (await bot.sendMessage(api.alerts, text, { entities })).entities;

describe("the text of a message", () => {
  test.each([
    ["is missing", "", "Bad Request: message text is empty"],
    ["is only blanks", " \n\t ", "Bad Request: text must be non-empty"],
    ["is only invisible", "\u200b\u200d\ufeff", "Bad Request: text must be non-empty"],
    ["has 4097 characters", "😀".repeat(4097), "Bad Request: message is too long"],
    ["has more than 32768 bytes", "x".repeat(32_769), "Bad Request: text is too long"],
    ["is not Unicode", "a\ud800", "Bad Request: strings must be encoded in UTF-8"],
  ])("is refused when it %s", async (_, text, description) => {
    expect(await say(text)).toBe(description);
  });

  test("may have 4096 characters, however many units they take", async () => {
    const message = await bot.sendMessage(api.alerts, "😀".repeat(4096));
    expect(message.text).toHaveLength(8192);
  });

  test("comes back cleaned: no carriage returns, no control characters, trimmed", async () => {
    const message = await bot.sendMessage(api.alerts, "\n a\r\nb\u0007c\u202ed \n");
    expect(message.text).toBe("a\nb cd");
  });

  test("is not trimmed where an entity begins", async () => {
    const entities: MessageEntity[] = [{ type: "code", offset: 1, length: 3 }];
    const message = await bot.sendMessage(api.alerts, "   a  ", { entities });
    expect(message).toMatchObject({ text: "  a", entities: [{ type: "code", offset: 0, length: 3 }] });
  });

  test("in an unknown markup is refused", async () => {
    expect(await say("x", { parse_mode: "HTLM" })).toBe("Bad Request: unsupported parse_mode");
  });
});

describe("entities", () => {
  test.each([
    [{ type: "bold", offset: 100, length: 1 }, "entity begins after the end of the text at UTF-16 offset 100"],
    [
      { type: "bold", offset: 0, length: 100 },
      "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100",
    ],
    [{ type: "bold", offset: 3, length: 1 }, "entity begins in a middle of a UTF-16 symbol at byte offset 7"],
    [
      { type: "bold", offset: 2, length: 1 },
      "entity beginning at UTF-16 offset 2 ends in a middle of a UTF-16 symbol at byte offset 7",
    ],
    [{ type: "bold", offset: -1, length: 1 }, "receive an entity with incorrect offset -1"],
    [{ type: "bold", offset: 0, length: -1 }, "receive an entity with incorrect length -1"],
    [{ type: "blink", offset: 0, length: 1 }, "can't parse MessageEntity: unsupported type specified"],
    [{ type: "bold", length: 1 }, `can't parse MessageEntity: Can't find field "offset"`],
    [
      { type: "text_link", offset: 0, length: 1, url: "http://localhost:8787/" },
      "entity URL 'http://localhost:8787/' is invalid: Wrong HTTP URL",
    ],
    [{ type: "text_mention", offset: 0, length: 1, user: { id: 12 } }, "user not found"],
    [
      { type: "date_time", offset: 0, length: 1, unix_time: 1, date_time_format: "yyyy" },
      "can't parse MessageEntity: Invalid date format used",
    ],
  ])("%o is refused", async (entity, description) => {
    expect(await say("hé😀", { entities: [entity] })).toBe(`Bad Request: ${description}`);
  });

  test("move along when characters before them go", async () => {
    expect(await entitiesOf("a\r\r b", [{ type: "bold", offset: 4, length: 1 }])).toEqual([
      { type: "bold", offset: 2, length: 1 },
    ]);
  });

  test("of every kind a bot may give are kept", async () => {
    const range = { offset: 0, length: 1 };
    const kinds: MessageEntity[] = [
      ...(["bold", "italic", "underline", "strikethrough", "spoiler", "code"] as const).map((type) => ({
        type,
        ...range,
      })),
      { type: "blockquote", ...range },
      { type: "expandable_blockquote", ...range },
      { type: "pre", language: "ts", ...range },
      { type: "text_link", url: "https://example.com/", ...range },
      { type: "text_mention", user: api.human, ...range },
      { type: "custom_emoji", custom_emoji_id: "5368324170671202286", ...range },
      { type: "date_time", unix_time: 1_800_000_000, date_time_format: "wDT", ...range },
    ];
    for (const entity of kinds) expect(await entitiesOf("x", [entity])).toEqual([entity]);
  });

  test("that Telegram finds by itself are not taken from a bot", async () => {
    expect(await entitiesOf("@ada #tag", [{ type: "hashtag", offset: 5, length: 4 }])).toBeUndefined();
  });

  test("inside code are dropped, and a time counts as code", async () => {
    const code: MessageEntity = { type: "code", offset: 0, length: 4 };
    const time: MessageEntity = {
      type: "date_time",
      unix_time: 1_800_000_000,
      date_time_format: "r",
      offset: 5,
      length: 4,
    };
    expect(await entitiesOf("code time", [{ type: "bold", offset: 0, length: 9 }, code, time])).toEqual([
      code,
      { type: "bold", offset: 4, length: 1 },
      time,
    ]);
  });

  test("stand nested in a quotation", async () => {
    const nested: MessageEntity[] = [
      { type: "expandable_blockquote", offset: 0, length: 9 },
      { type: "code", offset: 0, length: 4 },
      { type: "bold", offset: 5, length: 4 },
    ];
    expect(await entitiesOf("code bold", nested.toReversed())).toEqual(nested);
  });

  test("beyond the hundredth are passed over", async () => {
    const many = Array.from(
      { length: 150 },
      (_, index): MessageEntity => ({ type: "bold", offset: index * 2, length: 1 }),
    );
    expect(await entitiesOf("x ".repeat(150), many)).toHaveLength(100);
  });

  test("well formed, on any text, are accepted, and come back the same when sent again", async () => {
    const range = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 30 }));
    const type = fc.constantFrom("bold", "italic", "spoiler", "code", "pre", "blockquote", "text_link", "date_time");
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.tuple(type, range), { maxLength: 8 }), async (middle, wishes) => {
        const given = `a${middle}z`;
        const entities = wishes.flatMap((wish) => entityOn(given, ...wish));
        const { text = "", entities: kept = [] } = await bot.sendMessage(api.alerts, given, { entities });
        expect(text).not.toMatch(/[\r\u2028-\u202e]/);
        for (const { offset, length } of kept)
          expect(offset >= 0 && length > 0 && offset + length <= text.length).toBe(true);
        const again = await bot.sendMessage(api.alerts, text, { entities: kept });
        expect([again.text, again.entities ?? []]).toEqual([text, kept]);
      }),
      { numRuns: 300 },
    );
  });
});

/** An entity of the kind over some characters of the text, counted as characters so as to split none. */
function entityOn(text: string, type: string, [start, count]: [number, number]): MessageEntity[] {
  const characters = [...text];
  const offset = characters.slice(0, start).join("").length;
  const length = characters.slice(start, start + count).join("").length;
  if (length === 0) return [];
  const more = { url: "https://example.com/", unix_time: 1_800_000_000, date_time_format: "r" };
  return [{ type, offset, length, ...more } as MessageEntity];
}

describe("HTML", () => {
  const html = async (text: string) => {
    const message = await bot.sendMessage(api.alerts, text, { parse_mode: "HTML" });
    return [message.text, message.entities ?? []];
  };

  test.each([
    ["a < b", `Unsupported start tag "" at byte offset 2`],
    ["é<br/>", `Unsupported start tag "br/" at byte offset 2`],
    ["<foo@example.com>", `Unsupported start tag "foo@example.com" at byte offset 0`],
    ["<b", "Unclosed start tag at byte offset 0"],
    ["<a href=", `Unclosed start tag "a" at byte offset 0`],
    ['<a href="x', "Unclosed start tag at byte offset 0"],
    ["<b />x</b>", `Empty attribute name in the tag "b" at byte offset 0`],
    ["<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"],
    ["<span>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 0`],
    ["x</b>", "Unexpected end tag at byte offset 1"],
    ["<b>x</b y>", "Unclosed end tag at byte offset 4"],
    ["<b>x</i>", `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`],
    ["<b>x", `Can't find end tag corresponding to start tag "b"`],
    ['<tg-time unix="1" format="x">x</tg-time>', "Invalid date format used"],
    [
      "&#xD800;",
      "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
    ],
  ])("%s is refused", async (text, why) => {
    expect(await say(text, { parse_mode: "html" })).toBe(`Bad Request: can't parse entities: ${why}`);
  });

  test.each([
    ["<b>x</b>", ["x", [{ type: "bold", offset: 0, length: 1 }]]],
    ['&lt;&gt;&amp;&quot;&lt &ltx &LT; &nbsp; &#33;&#x41 > "', ['<>&"< &ltx &LT; &nbsp; !A > "', []]],
    ["<b></b>x<i>y</>", ["xy", [{ type: "italic", offset: 1, length: 1 }]]],
    ['<pre><code class="language-ts">x</code></pre>', ["x", [{ type: "pre", language: "ts", offset: 0, length: 1 }]]],
    ["<pre>x</pre>", ["x", [{ type: "pre", offset: 0, length: 1 }]]],
    ["<blockquote expandable>x</blockquote>", ["x", [{ type: "expandable_blockquote", offset: 0, length: 1 }]]],
    ["<blockquote expandable=false>x</blockquote>", ["x", [{ type: "expandable_blockquote", offset: 0, length: 1 }]]],
    [
      "<a href='https://a.example/?x&amp;y'>x</a>",
      ["x", [{ type: "text_link", url: "https://a.example/?x&y", offset: 0, length: 1 }]],
    ],
    ["<a>a.example</a>", ["a.example", [{ type: "text_link", url: "http://a.example/", offset: 0, length: 9 }]]],
    ["<a href='http://localhost'>x</a>", ["x", []]],
    ["<code><b>x</b></code>", ["x", [{ type: "code", offset: 0, length: 1 }]]],
    [
      '<tg-time unix="1800000000" format="r">soon</tg-time>',
      ["soon", [{ type: "date_time", unix_time: 1_800_000_000, date_time_format: "r", offset: 0, length: 4 }]],
    ],
    ['<span class="tg-spoiler">😀</span>', ["😀", [{ type: "spoiler", offset: 0, length: 2 }]]],
  ])("%s is read", async (text, read) => {
    expect(await html(text)).toEqual(read);
  });

  test("is read or refused, whatever it is", async () => {
    const pieces = fc.array(
      fc.constantFrom("<b>", "</b>", "<a href=", '"', "'", "&", "#x41", "<", ">", "/", " ", "é", "x"),
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        expect(await say(`x${parts.join("")}`, { parse_mode: "HTML" })).toMatch(
          /^(not refused|Bad Request: can't parse entities)/,
        );
      }),
      { numRuns: 300 },
    );
  });
});
