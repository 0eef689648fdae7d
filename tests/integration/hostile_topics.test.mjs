// A sub-topic comes from outside: what is no sub-topic leaves the event on its base topic, counted, and hurts nobody.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { raw } from './harness/client.mjs';
import { Daemon } from './harness/daemon.mjs';
import { ENV, SOURCES, hmac, senders } from './harness/senders.mjs';
import { Stream, assertPayload } from './harness/stream.mjs';

const { github, gitlab, gerrit } = senders;

test('hostile header values are delivered on the base topic and counted as unrouted', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  const values = ['a b', 'x'.repeat(129), 'x'.repeat(200), '..', '.', 'push.', '.push', 'a..b', '*', '>', 'push.*', 'push.>',
    'push\tpull', '$SYS', 'a#b', 'caf\u00e9', 'push,pull', 'a=b', '"push"', '{}', '${env:HOME}', 'a\\b', 'push;x'];
  for (const value of values) {
    const answer = await github.send(daemon, { headers: { 'X-GitHub-Event': value } });
    assert.equal(answer.status, 200, `${value}: ${answer.text}`);
    const event = await stream.next();
    assert.equal(event.topic, 'github', `under ${event.topic} came ${JSON.stringify(value)}`);
    assertPayload(event, github.body);
  }
  const metrics = await daemon.metrics();
  assert.equal(metrics.sum('penstock_events_unrouted_total', { source: 'github' }), values.length);
  assert.equal(metrics.balance('github').accepted, values.length);
  for (const value of values.filter((v) => v.length > 3)) assert.ok(!metrics.text.includes(value), `in /metrics: ${value}`);
});

test('a header that is missing, empty or there twice routes nothing', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  const proof = `X-Hub-Signature-256: sha256=${hmac(github.secret, '{}')}\r\n`;
  for (const lines of ['', 'X-GitHub-Event: push\r\nX-GitHub-Event: push\r\n', 'X-GitHub-Event: push\r\nx-github-event: ping\r\n',
    'X-GitHub-Event:\r\n']) {
    const text = await raw(daemon.hooks, 'POST /hooks/github HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n'
      + `${proof}${lines}\r\n{}`);
    assert.match(text, /^HTTP\/1\.1 200 /, lines);
    assert.equal((await stream.next()).topic, 'github', lines);
  }
  assert.equal((await daemon.metrics()).sum('penstock_events_unrouted_total', { source: 'github' }), 4);
});

test('the longest sub-topic and every allowed byte are routed', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.>']);
  const values = ['x'.repeat(128), 'azAZ09._:/-'.replace('._', '_.x'), 'a.b.c', 'repo:refs_changed', 'v1/x-y'];
  for (const value of values) {
    assert.equal((await github.send(daemon, { headers: { 'X-GitHub-Event': value } })).status, 200);
    assert.equal((await stream.next()).topic, `github.${value}`);
  }
  assert.equal((await daemon.metrics()).sum('penstock_events_unrouted_total', { source: 'github' }), 0);
});

test('JSON that holds no usable field is the sender\'s business: base topic, not refused', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  const deep = '['.repeat(5000) + ']'.repeat(5000);
  const bodies = ['{"event_name":5}', '{"event_name":null}', '{"event_name":["push"]}', '{"event_name":"pu\\r\\nsh"}',
    '{"event_name":"a b"}', '{"event_name":"*"}', '{"event_name":""}', '{}', '[]', '"push"', '', 'not json', '{"event_name":"pu',
    `{"x":${deep}}`, '{"event_name":"\\ud800"}', '\ufeff{"event_name":"push"}', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22])];
  for (const body of bodies) {
    const answer = await gitlab.send(daemon, { bytes: body });
    assert.equal(answer.status, 200, `${String(body).slice(0, 60)}: ${answer.text}`);
    const event = await stream.next();
    assert.equal(event.topic, 'gitlab', `${String(body).slice(0, 60)} went to ${event.topic}`);
  }
  const metrics = await daemon.metrics();
  assert.equal(metrics.sum('penstock_events_unrouted_total', { source: 'gitlab' }), bodies.length);
  assert.deepEqual(metrics.balance('gitlab'), { received: bodies.length, accepted: bodies.length, duplicate: 0, refused: 0 });
});

test('the first place that exists decides, whatever its value', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  const cases = [['{"object_kind":"issue"}', 'gitlab.issue'], ['{"object_kind":"push","event_name":"tag_push"}', 'gitlab.tag_push'],
    ['{"event_name":7,"object_kind":"issue"}', 'gitlab']];
  for (const [body, topic] of cases) {
    assert.equal((await gitlab.send(daemon, { bytes: body })).status, 200);
    assert.equal((await stream.next()).topic, topic, body);
  }
});

test('a source that routes by a late field of a large body', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['gerrit.>']);
  const body = `{"change":{"type":"nested"},"filler":[${'{"a":1.50,"b":"x"},'.repeat(20_000)}0],"type":"ref-updated"}`;
  assert.equal((await gerrit.send(daemon, { bytes: body })).status, 200);
  const event = await stream.next();
  assert.equal(event.topic, 'gerrit.ref-updated');
  assertPayload(event, body);
});
