// At rest the counters are exact, and each connection's events reach each subscriber in their order.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Daemon, eventually } from './harness/daemon.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';
import { Stream } from './harness/stream.mjs';

const { github } = senders;
const CONNECTIONS = 8;
const EACH = 60; // of these every sixth is forged

async function sendAll(daemon, connection) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let number = 0; number < EACH; ++number) {
    const bytes = JSON.stringify({ connection, number, filler: 'x'.repeat(number * 37) });
    const forged = number % 6 === 5;
    const headers = forged ? { 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` } : {};
    const answer = await github.send(daemon, { bytes, headers, agent });
    assert.equal(answer.status, forged ? 401 : 200, answer.text);
  }
  agent.destroy();
}

test('received = accepted + duplicate + refused, and every accepted event arrives once, in order', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV, more: 'threads: 2\nworkers: 2' });
  const streams = [await Stream.open(t, daemon, ['github.push']), await Stream.open(t, daemon, ['>', 'github', 'github.*'])];
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => sendAll(daemon, connection)));

  const accepted = CONNECTIONS * EACH * 5 / 6;
  for (const stream of streams) {
    const next = new Array(CONNECTIONS).fill(0);
    for (const { envelope } of await stream.take(accepted)) {
      const { connection, number } = envelope.payload;
      assert.equal(number, next[connection], `connection ${connection} is out of order`);
      next[connection] += number % 6 === 4 ? 2 : 1; // the forged one is left out
    }
    assert.equal(stream.events.length, 0, 'an event was delivered twice');
  }

  await eventually('the sums are exact at rest', async () => {
    const metrics = await daemon.metrics();
    const matched = metrics.sum('penstock_events_matched_total', { subscription: 'stream' });
    const settled = metrics.sum('penstock_deliveries_total', { subscription: 'stream' });
    return matched === 2 * accepted && settled === matched;
  });
  const metrics = await daemon.metrics();
  assert.deepEqual(metrics.balance('github'),
    { received: CONNECTIONS * EACH, accepted, duplicate: 0, refused: CONNECTIONS * EACH / 6 });
  assert.equal(metrics.sum('penstock_deliveries_total', { subscription: 'stream', outcome: 'ok' }), 2 * accepted);
  assert.equal(metrics.sum('penstock_events_unmatched_total', { source: 'github' }), 0);
});

test('an event that nobody asked for is accepted and counted as unmatched', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  await Stream.open(t, daemon, ['github.ping', 'gitlab.>', '*.*.*']);
  assert.equal((await github.send(daemon)).status, 200);
  await eventually('it is counted', async () =>
    (await daemon.metrics()).sum('penstock_events_unmatched_total', { source: 'github' }) === 1);
  assert.equal((await daemon.metrics()).balance('github').accepted, 1);
});

test('patterns take what they say', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const taken = { 'azureDevOps.git.push': 1, 'azureDevOps.git.*': 1, 'azureDevOps.>': 1, '*.*.push': 1, 'azureDevOps': 1,
    '*': 1, 'azureDevOps.*': 0, 'azureDevOps.git': 0, '*.push': 0, 'azureDevOps.git.push.>': 0 };
  const streams = await Promise.all(Object.keys(taken).map((pattern) => Stream.open(t, daemon, [pattern])));
  const last = await Stream.open(t, daemon, ['github']);
  assert.equal((await senders.azureDevOps.send(daemon)).status, 200);
  await Promise.all(streams.filter((_, i) => Object.values(taken)[i] === 1).map((stream) => stream.next()));
  assert.equal((await github.send(daemon, { headers: { 'X-GitHub-Event': 'ping' } })).status, 200);
  await last.next();
  for (const [i, [pattern, count]] of Object.entries(taken).entries()) {
    const extra = pattern === '*' ? 1 : 0; // it takes base topic `github` as well
    await eventually(`${pattern} has had its events`, () => streams[i].events.length >= extra);
    assert.equal(streams[i].events.length, extra, `${pattern}, which takes ${count}`);
  }
});
