// Told to stop, the daemon takes no more, delivers what it accepted, and exits 0; told twice, it stops now.

import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';

import { Daemon, eventually, sleep } from './harness/daemon.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';
import { Stream } from './harness/stream.mjs';

const { github } = senders;

/// A connection that has sent a signed webhook but for its last byte.
async function halfSent(daemon) {
  const signed = github.sign();
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const socket = net.connect(new URL(daemon.hooks).port, '127.0.0.1');
  socket.said = '';
  socket.on('data', (bytes) => { socket.said += bytes; });
  socket.on('error', () => {});
  socket.write(`POST ${signed.path} HTTP/1.1\r\nHost: x\r\n${lines}Content-Length: ${github.body.length}\r\n\r\n`);
  socket.write(github.body.subarray(0, -1));
  await sleep(300);
  return socket;
}

for (const name of ['SIGTERM', 'SIGINT']) {
  test(`${name} drains: what was answered 200 is delivered, then exit 0`, async (t) => {
    const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
    const stream = await Stream.open(t, daemon, ['github.push']);
    let accepted = 0;
    const send = async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      for (let status = 200; status === 200;) {
        status = await github.send(daemon, { agent }).then((answer) => answer.status, () => 0);
        if (status === 200) ++accepted;
        else assert.ok(status === 0 || status === 503, `a draining daemon answered ${status}`);
      }
      agent.destroy();
    };
    const senders_done = Promise.all(Array.from({ length: 6 }, send));
    await eventually('the daemon is busy', () => accepted > 50);
    daemon.signal(name);
    await senders_done;
    assert.deepEqual(await daemon.waitForEnd(), { code: 0, signal: null }, daemon.said);
    await eventually('the stream ends', () => stream.closed);
    // An answer that was lost with its connection may stand for one more event, never for one less.
    assert.ok(stream.events.length >= accepted, `${accepted} were accepted, ${stream.events.length} arrived`);
    assert.ok(stream.events.length <= accepted + 6, `${accepted} were accepted, ${stream.events.length} arrived`);
  });
}

test('an idle daemon stops at once', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  await Stream.open(t, daemon, ['>']); // an open stream must not hold it
  const idle = net.connect(new URL(daemon.hooks).port, '127.0.0.1');
  idle.on('error', () => {});
  await sleep(100);
  assert.deepEqual(await daemon.stop('SIGTERM', 10_000), { code: 0, signal: null });
});

test('a slow reader of a stream gets all that was accepted before the daemon ends', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const reader = net.connect(new URL(daemon.admin).port, '127.0.0.1');
  reader.on('error', () => {});
  let got = 0;
  reader.write('GET /v1/stream?topic=big&queue=64MiB HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => { reader.once('data', resolve); });
  // 64 KiB at a time, with a rest between: more lies in queues than the sockets hold.
  reader.on('data', (bytes) => { got += bytes.length; reader.pause(); setTimeout(() => reader.resume(), 4); });
  const payload = JSON.stringify({ filler: 'x'.repeat(3_000_000) });
  for (let i = 0; i < 4; ++i) {
    const answer = await fetch(`${daemon.admin}/v1/topics/big/events`,
      { method: 'POST', body: payload, headers: { 'content-type': 'application/json' } });
    assert.equal(answer.status, 200);
  }
  assert.deepEqual(await daemon.stop('SIGTERM'), { code: 0, signal: null });
  await eventually('the stream ends', () => reader.readableEnded || reader.destroyed);
  assert.ok(got > 4 * payload.length, `${got} of ${4 * payload.length} bytes and their envelopes arrived`);
});

test('a webhook that was being sent when the drain began is still answered', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.push']);
  const socket = await halfSent(daemon);
  daemon.signal('SIGTERM');
  await eventually('what comes anew is told to come again', async () => {
    const answer = await fetch(`${daemon.hooks}/hooks/github`, { method: 'POST', body: '{}' });
    return answer.status === 503 && answer.headers.get('retry-after') !== null;
  });
  assert.equal((await fetch(`${daemon.hooks}/healthz`)).status, 200);
  socket.write(github.body.subarray(-1));
  await eventually('an answer', () => /\r\n\r\n/.test(socket.said));
  assert.match(socket.said, /^HTTP\/1\.1 (200|503) /);
  assert.match(socket.said, /connection: close/i);
  assert.deepEqual(await daemon.waitForEnd(), { code: 0, signal: null });
  await eventually('the stream ends', () => stream.closed);
  assert.equal(stream.events.length, socket.said.startsWith('HTTP/1.1 200 ') ? 1 : 0, 'a 200 is an event, a 503 is none');
});

test('a second signal stops a drain that takes long', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV, more: 'drain: 30s\nlimits: { body_time: 60s }' });
  const socket = await halfSent(daemon); // never finished: the drain waits for it
  daemon.signal('SIGTERM');
  await sleep(500);
  assert.equal(daemon.end, undefined, 'the drain did not wait for the webhook that is being sent');
  const begin = Date.now();
  const end = await daemon.stop('SIGTERM', 10_000);
  assert.ok(Date.now() - begin < 8_000);
  assert.ok(end.code === 143 || end.signal === 'SIGTERM', JSON.stringify(end));
  socket.destroy();
});

test('the drain ends within its limit', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV, more: 'drain: 1s\nlimits: { body_time: 60s }' });
  const socket = await halfSent(daemon);
  const end = await daemon.stop('SIGTERM', 15_000);
  assert.deepEqual(end, { code: 0, signal: null });
  socket.destroy();
});

test('a stop that comes before the first webhook is clean as well', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.match(daemon.said, /\n$/, 'the log ends with a whole line');
});
