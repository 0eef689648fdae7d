// A receipt that means what it says: the real daemon with a journal, killed, restarted, given a disk that fails.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';

import { post } from './harness/client.mjs';
import { Daemon, eventually, PENSTOCK, sleep } from './harness/daemon.mjs';
import { hmac, senders } from './harness/senders.mjs';
import { Stream } from './harness/stream.mjs';

const github = senders.github;
const sources = `  github: { ${github.yaml} }`;
const env = { [github.variable]: github.secret };
const journal = '{ dir: data, segment: 1MiB }';

/// Sends webhooks until told to stop, one after the other on a connection of its own; notes each 2xx.
class Ledger {
  constructor(name) { Object.assign(this, { name, next: 1, accepted: [] }); }

  async send(daemon, until) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (!until()) {
      const seq = this.next++;
      const body = JSON.stringify({ who: this.name, seq, pad: 'x'.repeat(seq % 700) });
      const headers = { 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': crypto.randomUUID(), 'X-Hub-Signature-256': `sha256=${hmac(github.secret, body)}` };
      const answer = await post(`${daemon.hooks}/hooks/github`, body, headers, agent).catch(() => undefined);
      if (answer?.status !== 200) continue;
      const [, offset] = /^durable; offset=(\d+)$/.exec(answer.headers['penstock-receipt']) ?? [];
      assert.ok(offset, `a 200 whose receipt says ${answer.headers['penstock-receipt']}`);
      this.accepted.push({ seq, offset: Number(offset), body });
    }
    agent.destroy();
  }
}

/// Every event of the journal, in order, by way of a stream.
async function stored(t, daemon) {
  const next = (await daemon.metrics()).sum('penstock_journal_next_offset', {});
  const stream = await Stream.open(t, daemon, ['>'], '&from=earliest');
  const events = await stream.take(next - 1);
  stream.close();
  return events.map((event) => event.envelope);
}

test('what was answered 200 is there after kill -9 under load, once and in order', async (t) => {
  const daemon = await Daemon.start(t, { sources, env, journal });
  const ledgers = Array.from({ length: 8 }, (_, i) => new Ledger(`sender-${i}`));
  for (let round = 0; round < 5; ++round) {
    let dead = false;
    const sending = ledgers.map((ledger) => ledger.send(daemon, () => dead));
    await eventually('some were accepted', () => ledgers.reduce((sum, one) => sum + one.accepted.length, 0) > 100 * (round + 1));
    await sleep(Math.random() * 100);
    daemon.signal('SIGKILL');
    await daemon.waitForEnd();
    dead = true;
    await Promise.all(sending);
    daemon.end = undefined;
    daemon.spawn([], env);
    await daemon.untilReady();
  }
  const events = await stored(t, daemon);
  assert.deepEqual(events.map((event) => event.offset), events.map((_, i) => i + 1), 'offsets are dense');
  const by_offset = new Map(events.map((event) => [event.offset, event.payload]));
  for (const ledger of ledgers) {
    for (const { seq, offset, body } of ledger.accepted) {
      assert.equal(JSON.stringify(by_offset.get(offset)), body, `${ledger.name} ${seq} at offset ${offset}`);
    }
    const mine = events.filter((event) => event.payload.who === ledger.name).map((event) => event.payload.seq);
    assert.deepEqual(mine, [...new Set(mine)].sort((a, b) => a - b), `${ledger.name}: each once, in order`);
  }
});

test('a repeat is a duplicate of the first, also across a restart, and is stored once', async (t) => {
  const daemon = await Daemon.start(t, { sources, env, journal });
  const headers = { 'x-github-delivery': crypto.randomUUID() };
  const first = await github.send(daemon, { headers });
  assert.equal(first.json().status, 'accepted');
  for (const restart of [false, true]) {
    if (restart) {
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
      daemon.end = undefined;
      daemon.spawn([], env);
      await daemon.untilReady();
    }
    const again = await github.send(daemon, { headers });
    assert.equal(again.status, 200);
    assert.deepEqual(again.json(), { status: 'duplicate', id: first.json().id });
    assert.equal(again.headers['penstock-receipt'], first.headers['penstock-receipt']);
  }
  assert.equal((await stored(t, daemon)).length, 1);
});

// Sanitizers slow down whoever sends and verifies, but not the disk: then fewer events come during a sync.
const slowed = process.env.ASAN_OPTIONS !== undefined;

test('64 connections share syncs: fewer than one for two requests', async (t) => {
  const daemon = await Daemon.start(t, { sources, env, journal });
  let done = false;
  const ledgers = Array.from({ length: 64 }, (_, i) => new Ledger(`sender-${i}`));
  const sending = ledgers.map((ledger) => ledger.send(daemon, () => done));
  await eventually('enough were sent', async () => (await daemon.metrics()).sum('penstock_events_accepted_total', { source: 'github' }) > 2000, 30_000);
  done = true;
  await Promise.all(sending);
  const metrics = await daemon.metrics();
  const accepted = metrics.sum('penstock_events_accepted_total', { source: 'github' });
  const syncs = metrics.sum('penstock_journal_sync_duration_seconds_count', {});
  assert.equal(metrics.sum('penstock_journal_batch_events_sum', {}), accepted);
  assert.ok(syncs * (slowed ? 1.2 : 2) < accepted, `${syncs} syncs for ${accepted} events`);
});

test('a second daemon on the same journal is turned away with the process that holds it', async (t) => {
  const daemon = await Daemon.start(t, { sources, env, journal });
  const config = path.join(daemon.dir, 'second.yaml');
  fs.writeFileSync(config, `listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\njournal: ${journal}\nsources:\n${sources}\n`);
  const second = spawnSync(PENSTOCK, ['serve', '-c', config], { cwd: daemon.dir, env: { ...process.env, ...env }, encoding: 'utf8' });
  assert.equal(second.status, 1, second.stderr);
  assert.match(second.stdout + second.stderr, new RegExp(`\\b${daemon.child.pid}\\b`));
});

// strace can have a system call fail, if this machine lets it trace.
const traces = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

test('after a failed sync no request gets a 2xx any more, the sync is never tried again, and serve exits 74', { skip: !traces && 'no strace here' }, async (t) => {
  // Who is traced cannot look for leaks: that needs tracing too.
  const daemon = await Daemon.start(t, { sources, env: { ...env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` }, journal, more: 'drain: 1s' });
  const trace = path.join(daemon.dir, 'trace');
  // Attached to the running process: what opening synced is not counted.
  const strace = spawn('strace', ['-f', '-p', String(daemon.child.pid), '-o', trace, '-e', 'trace=fdatasync,sendto,sendmsg',
    '-e', 'inject=fdatasync:error=EIO:when=3+']);
  const attached = new Promise((resolve) => strace.stderr.on('data', (bytes) => /attached/.test(bytes) && resolve()));
  await attached;
  const statuses = [];
  for (let i = 0; i < 6; ++i) statuses.push((await github.send(daemon)).status);
  const failed = statuses.indexOf(503);
  assert.ok(failed > 0, `the first was stored, a later one refused: ${statuses}`);
  assert.deepEqual(statuses.slice(failed), statuses.slice(failed).map(() => 503));
  const ready = await fetch(`${daemon.admin}/readyz`);
  assert.deepEqual([ready.status, await ready.json()], [503, { status: 'journal_failed' }]);
  assert.deepEqual(await daemon.waitForEnd(), { code: 74, signal: null });
  assert.match(daemon.said, /journal failed/);
  const calls = fs.readFileSync(trace, 'utf8');
  assert.equal(calls.match(/INJECTED/g).length, 1, 'tried once');
  assert.ok(calls.indexOf('fdatasync') < calls.indexOf('HTTP/1.1 200'), 'the sync comes before the first 2xx');
  assert.equal(calls.slice(calls.indexOf('INJECTED')).includes('HTTP/1.1 200 OK\\r\\ndate'), false);
  daemon.end = undefined;
  daemon.spawn([], env);
  await daemon.untilReady();
  assert.equal((await stored(t, daemon)).length >= failed, true, 'a restart finds all that was answered 200');
});
