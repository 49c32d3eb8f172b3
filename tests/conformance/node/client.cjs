// Node's `ws` against an echo: prints one line of JSON with what happened.
"use strict";

const WebSocket = require("ws");

const url = process.argv[2];
const told = {};

function open(path, protocols, options) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + path, protocols, options);
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

function next(socket, name) {
  return new Promise((resolve) => socket.once(name, (...values) => resolve(values)));
}

async function echoes(options) {
  const socket = await open("", ["chat"], options);
  const sizes = [];
  for (const size of [0, 1, 125, 126, 65535, 65536, 1000000]) {
    const sent = Buffer.alloc(size, size % 251);
    const message = next(socket, "message");
    socket.send(sent);
    const [data, binary] = await message;
    if (!binary || !data.equals(sent)) throw new Error(`a message of ${size} bytes came back changed`);
    sizes.push(data.length);
  }
  const text = next(socket, "message");
  socket.send("in ", { fin: false });
  socket.ping("between");
  socket.send("pieces", { fin: true });
  const [pong] = await next(socket, "pong");
  const [data, binary] = await text;
  const closed = next(socket, "close");
  socket.close(3000, "bye");
  const [code, reason] = await closed;
  return {
    sizes,
    text: binary ? null : data.toString(),
    pong: pong.toString(),
    protocol: socket.protocol,
    extensions: Object.keys(socket._extensions),
    code,
    reason: reason.toString(),
  };
}

async function main() {
  told.plain = await echoes({ perMessageDeflate: false });
  told.compressed = await echoes({ perMessageDeflate: { threshold: 0 } });
  told.fresh = await echoes({
    perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
  });
  const closing = await open("/closed");
  const [code, reason] = await next(closing, "close");
  told.closed = { code, reason: reason.toString() };
  told.rejected = await open("/rejected").then(
    () => "accepted",
    (error) => error.message,
  );
  console.log(JSON.stringify(told));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
