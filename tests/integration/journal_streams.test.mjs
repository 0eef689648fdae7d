// The journal over HTTP: what was published before a restart is read again, and what passes follows it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { get, post } from './harness/client.mjs';
import { Daemon, eventually, run } from './harness/daemon.mjs';
import { Stream } from './harness/stream.mjs';

const sources = '  open: { verify: { kind: none } }';
const journal = '{ dir: data }';

/// Publishes `{"n":from}` to `{"n":to}`, one after the other.
async function publish(daemon, from, to) {
  for (let n = from; n <= to; ++n) {
    const answer = await post(`${daemon.hooks}/hooks/open`, `{"n":${n}}`);
    assert.equal(answer.status, 200, answer.text);
  }
}

/// A daemon that was restarted with 300 events in its journal.
async function restarted(t) {
  const daemon = await Daemon.start(t, { sources, journal });
  await publish(daemon, 1, 300);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  daemon.end = undefined;
  daemon.spawn([], {});
  await daemon.untilReady();
  return daemon;
}

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

function assertEvents(events, from, to) {
  assert.deepEqual(events.map((event) => Number(event.id)), numbers(from, to));
  assert.deepEqual(events.map((event) => event.envelope.offset), numbers(from, to));
  assert.deepEqual(events.map((event) => event.envelope.payload.n), numbers(from, to));
}

test('a stream reads the past and follows the present, without a gap or a repeat, while publishing goes on', async (t) => {
  const daemon = await restarted(t);
  const publishing = publish(daemon, 301, 700);
  const streams = [];
  for (let i = 0; i < 10; ++i) streams.push(await Stream.open(t, daemon, ['open'], '&from=earliest'));
  await publishing;
  for (const stream of streams) assertEvents(await stream.take(700), 1, 700);
});

test('Last-Event-ID resumes behind the event, whatever from says', async (t) => {
  const daemon = await restarted(t);
  const first = await Stream.open(t, daemon, ['open'], '&from=295');
  assertEvents(await first.take(6), 295, 300);
  first.close();
  await publish(daemon, 301, 305);
  const second = await Stream.open(t, daemon, ['open'], '&from=earliest', { 'Last-Event-ID': '300' });
  assertEvents(await second.take(5), 301, 305);
  await publish(daemon, 306, 306);
  assertEvents(await second.take(1), 306, 306);
  assert.equal((await get(`${daemon.admin}/v1/stream?topic=open`, { 'Last-Event-ID': 'x' })).status, 400);
});

test('a stream begins at a time', async (t) => {
  const daemon = await restarted(t);
  const all = await Stream.open(t, daemon, ['open'], '&from=1');
  const times = (await all.take(300)).map((event) => event.envelope.time);
  const stream = await Stream.open(t, daemon, ['open'], `&from=${times[200]}`);
  assert.equal((await stream.next()).envelope.offset, times.indexOf(times[200]) + 1);
});

test('one event is given by its id', async (t) => {
  const daemon = await restarted(t);
  const stream = await Stream.open(t, daemon, ['open'], '&from=123');
  const { envelope } = await stream.next();
  const answer = await get(`${daemon.admin}/v1/events/${envelope.id}`);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json(), envelope);
  assert.equal((await get(`${daemon.admin}/v1/events/019350a0-0000-7000-8000-000000000000`)).status, 404);
});

test('tail --from prints the past with offsets', async (t) => {
  const daemon = await restarted(t);
  const tailed = await run(['tail', 'open', '--from', '299', '-n', '2', '--url', daemon.admin]);
  assert.equal(tailed.code, 0, tailed.err);
  assert.deepEqual(tailed.out.trim().split('\n').map((line) => JSON.parse(line).offset), [299, 300]);
});

test('tail --from without a journal is wrong use', async (t) => {
  const daemon = await Daemon.start(t, { sources });
  const tailed = await run(['tail', 'open', '--from', 'earliest', '--url', daemon.admin]);
  assert.equal(tailed.code, 2, tailed.err);
  assert.match(tailed.err, /keeps no journal/);
});

test('a reader that is far behind does not hold up a stop', async (t) => {
  const daemon = await Daemon.start(t, { sources, journal });
  const body = JSON.stringify('x'.repeat(256 << 10));
  for (let i = 0; i < 100; ++i) assert.equal((await post(`${daemon.hooks}/hooks/open`, body)).status, 200);
  const stream = await Stream.open(t, daemon, ['open'], '&from=earliest');
  stream.stall();
  await eventually('the stream is open', async () => stream.answer !== undefined);
  assert.deepEqual(await daemon.stop('SIGTERM', 20_000), { code: 0, signal: null });
});
