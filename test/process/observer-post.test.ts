import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { createSend, type Post, type Send } from "../../src/process/post.ts";

const require = createRequire(import.meta.url);
const signal = AbortSignal.timeout(20_000);

/** A server, how many connections it saw, and what sends to it. */
async function open(handle: RequestListener) {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  let connections = 0;
  server.on("connection", () => connections++);
  const send: Send = createSend((name) => require(name));
  const post = (more?: Partial<Post>) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return send({ url, method: "POST", headers: {}, body: "né", ...more }, signal);
  };
  return { post, connections: () => connections };
}

const echo: RequestListener = async (request, response) => {
  response.writeHead(202, { "Retry-After": "3" }).end(`${request.headers["content-type"]} ${await text(request)}`);
};

it("a reply has status, headers and body", async () => {
  const { post } = await open(echo);
  expect(await post()).toEqual({
    status: 202,
    headers: expect.objectContaining({ "retry-after": "3" }),
    body: "text/plain;charset=UTF-8 né",
  });
  expect((await post({ headers: { "content-type": "application/json" } })).body).toBe("application/json né");
});

it("connections are kept", async () => {
  const { post, connections } = await open(echo);
  for (let i = 0; i < 3; i++) await post();
  expect(connections()).toBe(1);
});

it("what finds its kept connection closed goes with another", async () => {
  let requests = 0;
  const { post, connections } = await open((request, response) => {
    if (++requests === 2) request.socket.destroy();
    else echo(request, response);
  });
  expect([(await post()).status, (await post()).status]).toEqual([202, 202]);
  expect([requests, connections()]).toEqual([3, 2]);
});

it("what is broken off on a new connection fails", async () => {
  const { post } = await open((request) => request.socket.destroy());
  await expect(post()).rejects.toThrow();
});

it("goes where a redirect that keeps the method leads, three times at most", async () => {
  const paths: (string | undefined)[] = [];
  const { post } = await open(async (request, response) => {
    paths.push(`${request.method} ${request.url} ${await text(request)}`);
    response.writeHead(308, { location: `next${paths.length}` }).end();
  });
  expect((await post()).status).toBe(308);
  expect(paths).toEqual(["POST / né", "POST /next1 né", "POST /next2 né", "POST /next3 né"]);
});

it("follows no redirect that would make it a GET", async () => {
  const { post } = await open((_, response) => response.writeHead(302, { location: "/login" }).end());
  expect((await post()).status).toBe(302);
});
