// The admin listener's rules, and that what it shows can be read by the programs that will read it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { get, post, raw } from './harness/client.mjs';
import { Daemon } from './harness/daemon.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';
import { Stream, assertPayload } from './harness/stream.mjs';

const JSON_TYPE = { 'content-type': 'application/json' };
const start = (t, more = '') => Daemon.start(t, { sources: SOURCES, env: ENV, more });

test('health, readiness and the page of metrics', async (t) => {
  const daemon = await start(t);
  assert.deepEqual((await get(`${daemon.admin}/healthz`)).json(), { status: 'ok' });
  assert.deepEqual((await get(`${daemon.admin}/readyz`)).json(), { status: 'ready' });
  const answer = await get(`${daemon.admin}/metrics`);
  assert.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/);
});

test('promtool finds nothing to complain about in the metrics', async (t) => {
  assert.ok(process.env.PROMTOOL && !process.env.PROMTOOL.includes('NOTFOUND'), 'promtool is missing: tools/setup test');
  const daemon = await start(t);
  const stream = await Stream.open(t, daemon, ['>']);
  for (const sender of Object.values(senders)) await sender.send(daemon);
  await senders.github.send(daemon, { headers: { 'X-Hub-Signature-256': 'sha256=0' } });
  await stream.take(6);
  const { text } = await daemon.metrics();
  const checked = spawnSync(process.env.PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.equal(checked.status, 0, `${checked.stdout}${checked.stderr}`);
  assert.equal(checked.stdout + checked.stderr, '');
});

test('every metric of the contract that can exist without a journal is there', async (t) => {
  const daemon = await start(t);
  const stream = await Stream.open(t, daemon, ['github.push']);
  await senders.github.send(daemon);
  await stream.next();
  const metrics = await daemon.metrics();
  const names = new Set(metrics.samples.map((sample) => sample.name));
  for (const name of ['events_received_total', 'events_accepted_total', 'events_refused_total', 'events_duplicate_total',
    'events_unrouted_total', 'events_unmatched_total', 'events_matched_total', 'handshakes_total', 'deliveries_total',
    'delivery_attempts_total', 'subscription_lag_events', 'subscription_oldest_unsettled_seconds',
    'receipt_duration_seconds_bucket', 'dispatch_duration_seconds_bucket', 'memory_used_bytes', 'memory_budget_bytes',
    'http_connections', 'http_requests_total', 'build_info', 'dedup_window_seconds', 'events_without_delivery_id_total']) {
    assert.ok(names.has(`penstock_${name}`), `penstock_${name}`);
  }
  assert.ok([...names].some((name) => name.startsWith('process_')));
  assert.deepEqual(metrics.values('penstock_build_info', 'version'), ['0.1.0']);
  assert.ok(metrics.sum('penstock_memory_used_bytes') <= metrics.sum('penstock_memory_budget_bytes'));
  assert.equal(metrics.sum('penstock_receipt_duration_seconds_count', { level: 'memory' }), 1);
});

test('a foreign Host, Origin or site is refused', async (t) => {
  const daemon = await start(t, 'admin: { listen: ADMIN, hosts: [ "penstock.example.com" ] }');
  const { port } = new URL(daemon.admin);
  const status = async (headers) => Number(/^HTTP\/1\.1 (\d+)/.exec(
    await raw(daemon.admin, `GET /v1/stats HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`))?.[1]);
  for (const host of [`127.0.0.1:${port}`, '127.0.0.1', `localhost:${port}`, 'LOCALHOST', '[::1]', `[::1]:${port}`, 'penstock.example.com']) {
    assert.equal(await status(`Host: ${host}\r\n`), 200, host);
  }
  for (const host of ['evil.example.com', '127.0.0.1.evil.example.com', 'localhost.evil', '169.254.169.254', 'penstock.example.com.evil']) {
    assert.equal(await status(`Host: ${host}\r\n`), 421, host);
  }
  const here = `Host: 127.0.0.1:${port}\r\n`;
  assert.equal(await status(`${here}Origin: https://evil.example.com\r\n`), 403);
  assert.equal(await status(`${here}Origin: null\r\n`), 403);
  assert.equal(await status(`${here}Origin: http://127.0.0.1:${port}\r\n`), 200);
  for (const site of ['cross-site', 'same-site']) assert.equal(await status(`${here}Sec-Fetch-Site: ${site}\r\n`), 403, site);
  for (const site of ['same-origin', 'none']) assert.equal(await status(`${here}Sec-Fetch-Site: ${site}\r\n`), 200, site);
});

test('tokens: none is 401, reading is not writing, health needs none', async (t) => {
  const daemon = await Daemon.start(t, {
    sources: SOURCES, env: { ...ENV, READ: 'read-token-123456', WRITE: 'write-token-123456' },
    more: 'admin: { listen: ADMIN, tokens: { read: "${env:READ}", write: "${env:WRITE}" } }',
  });
  const bearer = (token) => ({ authorization: `Bearer ${token}` });
  const url = `${daemon.admin}/v1/topics/github/events`;
  for (const path of ['/healthz', '/readyz']) assert.equal((await get(daemon.admin + path)).status, 200, path);
  for (const path of ['/metrics', '/v1/stats', '/v1/sources', '/v1/topics', '/v1/stream?topic=%3E']) {
    for (const headers of [{}, bearer('wrong'), bearer(''), { authorization: 'read-token-123456' }]) {
      assert.equal((await get(daemon.admin + path, headers)).status, 401, `${path} ${JSON.stringify(headers)}`);
    }
    if (!path.includes('stream')) assert.equal((await get(daemon.admin + path, bearer('read-token-123456'))).status, 200, path);
  }
  for (const headers of [{}, bearer('read-token-123456')]) {
    assert.ok([401, 403].includes((await post(url, '{}', { ...JSON_TYPE, ...headers })).status), JSON.stringify(headers));
  }
  assert.equal((await post(url, '{}', { ...JSON_TYPE, ...bearer('write-token-123456') })).status, 200);
});

test('an event published over the API is routed like any other of its topic', async (t) => {
  const daemon = await start(t);
  const stream = await Stream.open(t, daemon, ['>']);
  const url = `${daemon.admin}/v1/topics/github/events`;
  const answer = await post(url, '{"n":1.0}', { ...JSON_TYPE, 'x-meta-X-GitHub-Event': 'ping', 'x-meta-many': 'a' });
  assert.equal(answer.status, 200, answer.text);
  const { id, topic, receipt } = answer.json();
  assert.deepEqual({ topic, receipt }, { topic: 'github.ping', receipt: 'memory' });
  const event = await stream.next();
  assert.equal(event.topic, 'github.ping');
  assert.equal(event.envelope.id, id);
  assertPayload(event, '{"n":1.0}');
  assert.equal(event.envelope.metadata['content-type'], 'application/json');
  assert.equal(event.envelope.metadata.many, 'a');
  assert.equal((await post(`${daemon.admin}/v1/topics/any.topic/events`, '{}', JSON_TYPE)).json().topic, 'any.topic');
  assert.equal((await stream.next()).topic, 'any.topic');
});

test('bad topics, patterns and positions have JSON errors', async (t) => {
  const daemon = await start(t);
  const cases = [
    [400, await post(`${daemon.admin}/v1/topics/a..b/events`, '{}', JSON_TYPE)],
    [400, await post(`${daemon.admin}/v1/topics/a%20b/events`, '{}', JSON_TYPE)],
    [400, await get(`${daemon.admin}/v1/stream?topic=a..b`)], [400, await get(`${daemon.admin}/v1/stream`)],
    [400, await get(`${daemon.admin}/v1/stream?topic=a&queue=many`)], [400, await get(`${daemon.admin}/v1/stream?topic=a&overflow=maybe`)],
    [409, await get(`${daemon.admin}/v1/stream?topic=a&from=earliest`)], [409, await get(`${daemon.admin}/v1/stream?topic=a&from=1`)],
    [404, await get(`${daemon.admin}/v1/nothing`)],
    [404, await get(`${daemon.admin}/v1/events/019350a0-0000-7000-8000-000000000000`)],
  ];
  for (const [i, [status, answer]] of cases.entries()) {
    assert.equal(answer.status, status, `case ${i}: ${answer.text}`);
    const { error, message } = answer.json();
    assert.equal(typeof error, 'string');
    assert.equal(typeof message, 'string');
  }
});

test('counters and latencies can be read as JSON', async (t) => {
  const daemon = await start(t);
  await senders.github.send(daemon);
  for (const path of ['/v1/stats', '/v1/sources', '/v1/topics']) {
    const answer = await get(daemon.admin + path);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.match(JSON.stringify(answer.json()), /github/, path);
  }
});

test('a reader that does not read is cut off, and the others go on', async (t) => {
  const daemon = await start(t);
  const reader = await Stream.open(t, daemon, ['github.push']);
  const stuck = await Stream.open(t, daemon, ['github.push'], '&queue=64KiB&overflow=disconnect');
  stuck.stall();
  const bytes = JSON.stringify('x'.repeat(200_000));
  for (let i = 0; i < 100; ++i) {
    assert.equal((await senders.github.send(daemon, { bytes })).status, 200);
    assertPayload(await reader.next(), bytes);
  }
  const metrics = await daemon.metrics();
  const outcomes = ['ok', 'dropped', 'dead'].map((outcome) => metrics.sum('penstock_deliveries_total', { subscription: 'stream', outcome }));
  assert.ok(outcomes[1] > 0, `dropped: ${outcomes}`);
  assert.equal(metrics.sum('penstock_events_matched_total', { subscription: 'stream' }),
    outcomes.reduce((a, b) => a + b) + metrics.sum('penstock_subscription_lag_events', { subscription: 'stream' }));
});
