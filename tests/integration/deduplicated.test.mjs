// A webhook that is sent twice is delivered once, and its sender is told of the first.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Daemon, ROOT, eventually, run } from './harness/daemon.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';
import { Stream } from './harness/stream.mjs';

const KEPT = { keep_id: true };

for (const sender of [senders.github, senders.azureDevOps]) {
  test(`copies of one ${sender.name} webhook that arrive together are delivered once`, async (t) => {
    const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV, more: 'threads: 2' });
    const stream = await Stream.open(t, daemon, [sender.topic]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => sender.send(daemon, KEPT)));
    for (const answer of answers) assert.equal(answer.status, 200, answer.text);
    const bodies = answers.map((answer) => answer.json());
    assert.equal(bodies.filter(({ status }) => status === 'accepted').length, 1);
    assert.equal(bodies.filter(({ status }) => status === 'duplicate').length, 9);
    assert.deepEqual(new Set(bodies.map(({ id }) => id)).size, 1, 'all are told the first one\'s id');
    assert.equal((await stream.next()).envelope.id, bodies[0].id);

    // What comes behind is the next event of that stream: no copy was.
    const other = sender === senders.github
      ? await sender.send(daemon)
      : await sender.send(daemon, { bytes: sender.body.toString().replace(/"id": *"[^"]+"/, `"id":"${crypto.randomUUID()}"`) });
    assert.equal(other.json().status, 'accepted', other.text);
    assert.equal((await stream.next()).envelope.id, other.json().id);
    const metrics = await daemon.metrics();
    assert.deepEqual(metrics.balance(sender.name), { received: 11, accepted: 2, duplicate: 9, refused: 0 });
    assert.equal(metrics.sum('penstock_dedup_window_seconds', { source: sender.name }), 86_400);
  });
}

test('a forged copy neither takes an id nor learns of one', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const forged = () => senders.github.send(daemon, { ...KEPT, headers: { 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` } });
  assert.equal((await forged()).status, 401);
  assert.equal((await senders.github.send(daemon, KEPT)).json().status, 'accepted');
  const answer = await forged();
  assert.deepEqual([answer.status, answer.text], [401, '{"error":"unauthorized"}']);
});

test('a source of one\'s own says where its ids are, for how long, or that it has none', async (t) => {
  const sources = '  header: { verify: { kind: none }, dedup: { id: "header:X-Id", window: 1s }, accepted_status: 202 }\n'
    + '  body: { verify: { kind: none }, dedup: { id: "json:/meta/id", window: 1h } }\n'
    + '  off: { preset: github, secrets: [ "${env:SECRET_GITHUB}" ], dedup: off }';
  const daemon = await Daemon.start(t, { sources, env: ENV });
  const { post } = await import('./harness/client.mjs');
  const to = (source, bytes, headers = {}) => post(`${daemon.hooks}/hooks/${source}`, bytes, headers);

  const first = await to('header', 'a', { 'x-id': '1' });
  assert.deepEqual([first.status, first.json().status], [202, 'accepted']);
  await eventually('its window ends', async () => (await to('header', 'b', { 'x-id': '1' })).json().status === 'accepted');

  assert.equal((await to('body', '{"meta":{"id":17}}')).json().status, 'accepted');
  const again = await to('body', '{"meta":{"id":17},"more":1}');
  assert.deepEqual([again.status, again.json().status], [200, 'duplicate']);
  for (let i = 0; i < 2; ++i) assert.equal((await to('body', '{}')).json().status, 'accepted');
  for (let i = 0; i < 2; ++i) {
    const { headers } = senders.github.sign();
    assert.equal((await to('off', senders.github.body, headers)).json().status, 'accepted');
  }
  const metrics = await daemon.metrics();
  assert.equal(metrics.sum('penstock_events_without_delivery_id_total', { source: 'body' }), 2);
  assert.equal(metrics.sum('penstock_events_without_delivery_id_total', { source: 'off' }), 0);
  assert.deepEqual(metrics.values('penstock_dedup_window_seconds', 'source'), ['body', 'header']);
});

test('what was seen outlives a reload', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const first = (await senders.github.send(daemon, KEPT)).json();
  fs.appendFileSync(daemon.config, '  another: { verify: { kind: none } }\n');
  daemon.signal('SIGHUP');
  await eventually('it is reloaded', () => daemon.said.includes('msg=reloaded'), 30_000);
  assert.deepEqual((await senders.github.send(daemon, KEPT)).json(), { status: 'duplicate', id: first.id });
});

test('send repeats an id only when told to keep it', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  for (const [name, file] of [['github', 'github/push'], ['azureDevOps', 'azureDevOps/git.push']]) {
    const send = (...more) => run(['send', name, path.join(ROOT, `examples/payloads/${file}.json`), '-c', daemon.config,
      '--repeat', '3', ...more], { env: ENV });
    const fresh = await send();
    assert.equal(fresh.code, 0, fresh.err);
    assert.deepEqual((await daemon.metrics()).balance(name), { received: 3, accepted: 3, duplicate: 0, refused: 0 });
    const kept = await send('--keep-id');
    assert.equal(kept.code, 0, kept.err);
    assert.deepEqual((await daemon.metrics()).balance(name), { received: 6, accepted: 4, duplicate: 2, refused: 0 });
  }
});
