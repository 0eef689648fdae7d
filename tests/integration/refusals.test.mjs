// What is not to be taken is refused with the right answer, counted under its own name, and seen by nobody.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { get, post, raw, request } from './harness/client.mjs';
import { Daemon } from './harness/daemon.mjs';
import { ENV, SOURCES, hmac, senders } from './harness/senders.mjs';
import { Stream, assertPayload } from './harness/stream.mjs';

const { github } = senders;
const limited = { sources: SOURCES, env: ENV, more: 'limits: { payload: 64KiB }' };

/// What is published after a refusal must be the first thing that a subscriber to everything sees.
async function assertNothingBefore(daemon, stream) {
  assert.equal((await github.send(daemon, { bytes: '{"marker":true}' })).status, 200);
  assertPayload(await stream.next(), '{"marker":true}');
}

test('a forged webhook of each sender is answered 401 and arrives nowhere', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  for (const sender of Object.values(senders)) {
    const { headers, token } = sender.proof('not the secret', sender.body);
    const url = `${daemon.hooks}/hooks/${sender.name}${token ? `/${encodeURIComponent(token)}` : ''}`;
    const answer = await post(url, sender.body, { ...sender.fields, ...headers });
    assert.equal(answer.status, 401, `${sender.name}: ${answer.text}`);
    assert.deepEqual(answer.json(), { error: 'unauthorized' });
  }
  await assertNothingBefore(daemon, stream);
  const metrics = await daemon.metrics();
  for (const { name } of Object.values(senders)) {
    assert.equal(metrics.sum('penstock_events_refused_total', { source: name, reason: 'unauthorized' }), 1, name);
    metrics.balance(name);
  }
});

const proofs = {
  'no signature': {},
  'an empty signature': { 'X-Hub-Signature-256': '' },
  'a signature of another body': { 'X-Hub-Signature-256': `sha256=${hmac(github.secret, 'other')}` },
  'the right digest under another name': { 'X-Hub-Signature-256': `sha1=${hmac(github.secret, github.body)}` },
  'the right digest without its prefix': { 'X-Hub-Signature-256': hmac(github.secret, github.body) },
  'a digest that is cut off': { 'X-Hub-Signature-256': `sha256=${hmac(github.secret, github.body).slice(0, 63)}` },
  'a digest made with an empty key': { 'X-Hub-Signature-256': `sha256=${hmac('', github.body)}` },
};
for (const [name, headers] of Object.entries(proofs)) {
  test(`GitHub with ${name} is refused`, async (t) => {
    const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
    const stream = await Stream.open(t, daemon, ['>']);
    const answer = await post(`${daemon.hooks}/hooks/github`, github.body, { ...github.fields, ...headers });
    assert.equal(answer.status, 401, answer.text);
    await assertNothingBefore(daemon, stream);
    assert.deepEqual((await daemon.metrics()).balance('github'), { received: 2, accepted: 1, duplicate: 0, refused: 1 });
  });
}

test('two signatures, one of them right, are refused', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const right = `sha256=${hmac(github.secret, '{}')}`;
  const text = await raw(daemon.hooks, 'POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n'
    + `X-Hub-Signature-256: ${right}\r\nX-Hub-Signature-256: sha256=${'0'.repeat(64)}\r\n\r\n{}`);
  assert.match(text, /^HTTP\/1\.1 401 /);
});

test('an unknown source is 404, and counted as a request only', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  for (const path of ['/hooks/nobody', '/hooks/', '/hooks', '/', '/hooks/github/extra', '/hooks/GITHUB', '/hooks/github/']) {
    assert.equal((await post(daemon.hooks + path, '{}')).status, 404, path);
  }
  const metrics = await daemon.metrics();
  assert.equal(metrics.sum('penstock_http_requests_total', { listener: 'ingress', code: '404' }), 7);
  assert.equal(metrics.sum('penstock_events_received_total'), 0);
});

test('another method than POST is 405 with Allow', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await request(`${daemon.hooks}/hooks/github`, { method });
    assert.equal(answer.status, 405, method);
    assert.match(answer.headers.allow, /\bPOST\b/);
  }
});

test('the ingress gives health and nothing else', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  assert.equal((await get(`${daemon.hooks}/healthz`)).status, 200);
  for (const path of ['/metrics', '/v1/stats', '/v1/stream?topic=%3E', '/v1/sources']) {
    assert.equal((await get(daemon.hooks + path)).status, 404, path);
  }
});

test('a body over the limit is 413, announced or not, and counted', async (t) => {
  const daemon = await Daemon.start(t, limited);
  const over = Buffer.alloc(64 * 1024 + 1, ' ');
  const announced = await raw(daemon.hooks, `POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: ${over.length}\r\n\r\n`);
  assert.match(announced, /^HTTP\/1\.1 413 /, 'refused at the head, before any byte of the body');
  assert.match(announced, /connection: close/i);
  const chunked = await raw(daemon.hooks, Buffer.concat([
    Buffer.from('POST /hooks/github HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n'), over]));
  assert.match(chunked, /^HTTP\/1\.1 413 /);
  const fits = Buffer.from(JSON.stringify('x'.repeat(64 * 1024 - 2)));
  assert.equal(fits.length, 64 * 1024);
  assert.equal((await github.send(daemon, { bytes: fits })).status, 200, 'the limit itself is allowed');
  const metrics = await daemon.metrics();
  assert.equal(metrics.sum('penstock_events_refused_total', { source: 'github', reason: 'too_large' }), 2);
  metrics.balance('github');
});

test('framing faults have their own answers', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const head = (lines) => `POST /hooks/github HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n`;
  const cases = [
    [411, head('X-A: b')], [501, head('Transfer-Encoding: gzip')], [400, head('Content-Length: 2, 2')],
    [400, head('Content-Length: 2\r\nTransfer-Encoding: chunked')], [400, 'POST /hooks/github\r\n\r\n'],
    [414, `POST /hooks/${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`], [431, head(`X-A: ${'b'.repeat(17000)}`)],
    [400, `POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX: a\0b\r\n\r\n{}`],
  ];
  for (const [status, bytes] of cases) {
    assert.match(await raw(daemon.hooks, bytes), new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 120));
  }
  assert.equal((await daemon.metrics()).balance('github').accepted, 0);
});

test('an encoded body is 415', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  for (const encoding of ['gzip', 'br', 'deflate', 'gzip, identity']) {
    assert.equal((await github.send(daemon, { headers: { 'Content-Encoding': encoding } })).status, 415, encoding);
  }
  assert.equal((await github.send(daemon, { headers: { 'Content-Encoding': 'identity' } })).status, 200);
  const metrics = await daemon.metrics();
  assert.deepEqual(metrics.balance('github'), { received: 5, accepted: 1, duplicate: 0, refused: 4 });
});

test('a webhook cut off in its body is counted and not published', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  const signed = github.sign();
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const net = await import('node:net');
  await new Promise((resolve) => {
    const socket = net.connect(new URL(daemon.hooks).port, '127.0.0.1', () => {
      socket.write(`POST /hooks/github HTTP/1.1\r\nHost: x\r\n${lines}Content-Length: ${github.body.length}\r\n\r\n`);
      socket.write(github.body.subarray(0, 1000), () => setTimeout(() => socket.resetAndDestroy(), 100));
    });
    socket.on('close', resolve);
    socket.on('error', resolve);
  });
  await assertNothingBefore(daemon, stream);
  assert.deepEqual((await daemon.metrics()).balance('github'), { received: 2, accepted: 1, duplicate: 0, refused: 1 });
});
