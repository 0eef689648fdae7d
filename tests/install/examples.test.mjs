// The programs of examples/embed, built against the installed package by examples.cmake: what each prints, and how it ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const EMBED = process.env.EMBED ?? assert.fail('run by ctest: EMBED names the folder of the programs');
const ROOT = process.env.PENSTOCK_ROOT ?? assert.fail('run by ctest: PENSTOCK_ROOT names the sources');
const needs_adapters = { skip: process.env.HAS_ADAPTERS === 'ON' ? false : 'built without adapters' };

/// A program under way: lines as they come, and its end.
class Program {
  constructor(t, name, env = {}) {
    this.child = spawn(path.join(EMBED, name), [], { env: { ...process.env, ...env } });
    this.out = '';
    this.err = '';
    this.waiting = [];
    const wake = () => { for (const look of this.waiting) look(); };
    this.child.stdout.on('data', (bytes) => { this.out += bytes; wake(); });
    this.child.stderr.on('data', (bytes) => { this.err += bytes; });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => { this.end = { code, signal }; wake(); resolve(this.end); });
    });
    t.after(() => this.child.kill('SIGKILL'));
  }

  /// The first match in what was printed, as soon as it is there.
  until(pattern) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.out.match(pattern);
        if (found) resolve(found);
        else if (this.end) reject(new Error(`ended without ${pattern}: ${this.out}${this.err}`));
      };
      this.waiting.push(look);
      look();
    });
  }

  async finish(input = '') {
    this.child.stdin.on('error', () => {});  // It may have ended before it read all of it.
    this.child.stdin.end(input);
    assert.deepEqual(await this.ended, { code: 0, signal: null }, this.out + this.err);
    return this.out;
  }
}

const run = (t, name, input) => new Program(t, name).finish(input);
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest('hex');
const limit = { timeout: 60_000 };

test('each program has fewer than 60 lines', () => {
  const folder = path.join(ROOT, 'examples/embed');
  const programs = fs.readdirSync(folder).filter((name) => name.endsWith('.cpp'));
  assert.equal(programs.length, 7);
  for (const name of programs) {
    const lines = fs.readFileSync(path.join(folder, name), 'utf8').split('\n').length - 1;
    assert.ok(lines < 60, `${name} has ${lines}`);
  }
});

test('embed: the program of the README', limit, async (t) => {
  assert.equal(await run(t, 'embed'), 'github.push: 40 bytes\n');
});

test('subscriber: gets what its patterns ask for, once each, and counts it', limit, async (t) => {
  const out = await run(t, 'subscriber');
  const lines = out.trimEnd().split('\n');
  assert.deepEqual(lines, ['build.linux from build.linux, 2 bytes, delivery 7f3a',
    'release.1.0 from release.1.0, 2 bytes, delivery 7f3a', 'matched 2, ok 2, dropped 0']);
});

test('publisher: each line gets its verdict, and the sums hold', limit, async (t) => {
  const out = await run(t, 'publisher', 'orders one\norders.new two\nno..topic x\norders seventeen bytes..\n\n');
  assert.equal(out, 'accepted as orders\naccepted as orders.new\nrefused: bad_topic\nrefused: too_large\n'
    + 'accepted as lines\n5 received = 3 accepted + 2 refused\n');
});

test('router: joins two fields, and is trusted no more than a sender', limit, async (t) => {
  assert.equal(await run(t, 'router'), 'forge.pull_request.opened\nforge.push\nforge\n');
});

test('mailbox: its own loop takes all, in order', limit, async (t) => {
  assert.equal(await run(t, 'mailbox'), 'job 0\njob 1\njob 2\njob 3\njob 4\n');
});

test('verifier: takes what is signed and fresh, and nothing else', { ...limit, ...needs_adapters }, async (t) => {
  const secret = 'an-example-secret';
  const program = new Program(t, 'verifier', { ACME_SECRET: secret });
  const [, url] = await program.until(/^POST (\S+)/);
  const post = async (body, headers) => (await fetch(url, { method: 'POST', body, headers })).status;
  const now = Math.floor(Date.now() / 1000);
  const proof = (time, body) => ({ 'Acme-Time': `${time}`, 'Acme-Signature': hmac(secret, `${time}.${body}`) });
  assert.equal(await post('good', proof(now, 'good')), 200);
  assert.equal(await post('forged', proof(now, 'good')), 401);
  assert.equal(await post('old', proof(now - 3600, 'old')), 401);
  assert.equal(await post('bare', {}), 401);
  assert.equal(await post('odd', { 'Acme-Time': 'x', 'Acme-Signature': 'y' }), 401);
  assert.equal(await program.finish(), `POST ${url}\ngood\n`);
});

test('daemon: hooks in, a stream and counters out, and an end by SIGTERM', { ...limit, ...needs_adapters }, async (t) => {
  const secret = 'another-example-secret';
  const program = new Program(t, 'daemon', { GITHUB_WEBHOOK_SECRET: secret });
  const [, ingress, desk] = await program.until(/^ingress (\d+), admin (\d+)$/m);
  const admin = `http://127.0.0.1:${desk}`;
  assert.equal((await fetch(`${admin}/readyz`)).status, 200);

  const stream = await fetch(`${admin}/v1/stream?topic=github.*`);
  const body = '{"ref":"refs/heads/main"}';
  const answer = await fetch(`http://127.0.0.1:${ingress}/hooks/github`, {
    method: 'POST', body, headers: { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': `sha256=${hmac(secret, body)}` } });
  assert.equal(answer.status, 200);
  const { status, id } = await answer.json();
  assert.equal(status, 'accepted');

  let text = '';
  for await (const bytes of stream.body) {
    text += Buffer.from(bytes).toString();
    if (/^data: .*\n\n/m.test(text)) break;
  }
  const envelope = JSON.parse(text.match(/^data: (.*)$/m)[1]);
  assert.equal(envelope.id, id);
  assert.equal(envelope.topic, 'github.push');
  assert.deepEqual(envelope.payload, JSON.parse(body));

  const metrics = await (await fetch(`${admin}/metrics`)).text();
  assert.match(metrics, /^penstock_events_accepted_total\{source="github"\} 1$/m);
  program.child.kill('SIGTERM');
  await program.finish();
});
