// Real webhooks of six senders arrive, verified, under their exact topics, byte for byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Daemon } from './harness/daemon.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';
import { Stream, assertPayload } from './harness/stream.mjs';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const sender of Object.values(senders)) {
  test(`${sender.name} arrives under ${sender.topic}, byte for byte`, async (t) => {
    const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
    const exact = await Stream.open(t, daemon, [sender.topic]);
    const base = await Stream.open(t, daemon, [sender.name]);

    const answer = await sender.send(daemon);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.json()).sort(), ['id', 'status']);
    assert.equal(answer.json().status, 'accepted');
    assert.match(answer.json().id, UUID_V7);
    assert.equal(answer.headers['penstock-receipt'], 'memory');
    assert.match(answer.headers['content-type'], /^application\/json/);

    for (const event of [await exact.next(), await base.next()]) {
      assert.equal(event.topic, sender.topic);
      assert.equal(event.has_id, false, 'without a journal there is no offset to resume from');
      assertPayload(event, sender.body);
      const { id, source, topic, time, metadata } = event.envelope;
      assert.deepEqual({ id, source, topic }, { id: answer.json().id, source: sender.name, topic: sender.topic });
      assert.match(time, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
      assert.equal('offset' in event.envelope, false);
      const names = Object.keys(metadata).map((name) => name.toLowerCase());
      for (const name of Object.keys(sender.fields)) assert.ok(names.includes(name.toLowerCase()), `${name} was lost`);
    }
    const metrics = await daemon.metrics();
    assert.deepEqual(metrics.balance(sender.name), { received: 1, accepted: 1, duplicate: 0, refused: 0 });
    assert.equal(metrics.sum('penstock_events_unrouted_total', { source: sender.name }), 0);
  });
}

test('payloads are never re-serialised', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.>']);
  const bodies = ['{"version":5.0}', '{"a":1e2,"a":1E+2}', ' {"b" :\t[ 1 , 2 ] } ', '{"c":"\\u0041\\/é"}', '{"d":12345678901234567890}', '[]', '"x"', '0'];
  for (const body of bodies) assert.equal((await senders.github.send(daemon, { bytes: body })).status, 200);
  for (const body of bodies) assertPayload(await stream.next(), body);
});

test('line ends inside a payload begin new data lines', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.push']);
  assert.equal((await senders.github.send(daemon, { bytes: '{"a":\r\n1,\n"b":\r2}' })).status, 200);
  const event = await stream.next();
  assertPayload(event, '{"a":\n1,\n"b":\n2}'); // a reader joins data lines with LF, whatever the line end was
  assert.deepEqual(event.envelope.payload, { a: 1, b: 2 });
});

test('a payload that is not one JSON value is given as base64', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.push']);
  for (const body of ['payload=%7B%7D', '{"a":1} {"b":2}', '{"cut":', '', Buffer.from([0, 255, 10, 13])]) {
    assert.equal((await senders.github.send(daemon, { bytes: body })).status, 200);
    const { envelope } = await stream.next();
    assert.equal('payload' in envelope, false, `given as JSON: ${body}`);
    assert.deepEqual(Buffer.from(envelope.payload_base64, 'base64'), Buffer.from(body));
  }
});

test('a body that arrives in chunks is one payload', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.push']);
  const { request } = await import('./harness/client.mjs');
  const signed = senders.github.sign();
  const answer = await request(daemon.hooks + signed.path, { method: 'POST', body: senders.github.body,
    headers: { ...signed.headers, 'transfer-encoding': 'chunked' } });
  assert.equal(answer.status, 200, answer.text);
  assertPayload(await stream.next(), senders.github.body);
});
