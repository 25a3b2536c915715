import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { createKeyring, sameText } from "../../src/hub/keys.ts";

const secret = "0123456789abcdef0123456789abcdef";
const keyring = createKeyring(secret);
const hmac = (message: string) => createHmac("sha256", secret).update(message).digest();

test("tokens are the secret's HMAC of their purpose", async () => {
  expect(await keyring.derive("webhook")).toBe(hmac("webhook").toString("base64url"));
  expect(await keyring.derive("tick")).toBe(hmac("tick").toString("base64url"));
});

test("a key is the service and the first 16 bytes of its HMAC", async () => {
  const mac = hmac("service:orders-api:1").subarray(0, 16).toString("base64url");
  expect(await keyring.issue("orders-api")).toBe(`orders-api.${mac}`);
});

test("a key names its generation from the second on", async () => {
  const mac = hmac("service:orders-api:2").subarray(0, 16).toString("base64url");
  expect(await keyring.issue("orders-api", 2)).toBe(`orders-api.2.${mac}`);
});

test("an issued key is verified, and says whose it is", async () => {
  expect(await keyring.verify(await keyring.issue("a"))).toEqual({ service: "a", generation: 1 });
  expect(await keyring.verify(await keyring.issue("a_b-c", 7))).toEqual({ service: "a_b-c", generation: 7 });
});

test.each([
  ["another service's mac", async () => `b.${(await keyring.issue("a")).split(".")[1]}`],
  ["another generation's mac", async () => `a.2.${(await keyring.issue("a")).split(".")[1]}`],
  ["a written generation 1", async () => `a.1.${(await keyring.issue("a")).split(".")[1]}`],
  ["another secret", async () => createKeyring(`${secret}!`).issue("a")],
  ["a flipped character", async () => (await keyring.issue("a")).replace(/.$/, (c) => (c === "A" ? "B" : "A"))],
  ["no mac", async () => "a."],
  ["nothing", async () => ""],
  ["an upper-case name", async () => (await keyring.issue("a")).replace("a.", "A.")],
])("%s is no key", async (_, forge) => {
  expect(await keyring.verify(await forge())).toBeUndefined();
});

test.each(["", "Orders", "-a", "a b", "a.b", "a".repeat(64)])("%j is no service name", async (name) => {
  await expect(keyring.issue(name)).rejects.toThrow("is no service name");
});

test("texts are the same only when every character is", () => {
  expect(sameText("abc", "abc")).toBe(true);
  for (const other of ["", "ab", "abd", "abcd", "ABC"]) expect(sameText(other, "abc")).toBe(false);
});
