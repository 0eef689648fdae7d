// The real daemon, started with a configuration of the test's own on ports of its own, and always ended.
//
//     const daemon = await Daemon.start(t, { sources: '...yaml...' });     // `t`: ends with the test
//     daemon.hooks, daemon.admin                                           // http://127.0.0.1:PORT
//     (await daemon.metrics()).sum('penstock_events_accepted_total', { source: 'github' })

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { get } from './client.mjs';
import { Metrics } from './metrics.mjs';

export const PENSTOCK = process.env.PENSTOCK ?? assert.fail('PENSTOCK must name the command; run these tests by ctest');
export const ROOT = process.env.PENSTOCK_ROOT ?? assert.fail('PENSTOCK_ROOT must name the sources; run these tests by ctest');
const START_LIMIT_MS = 30_000; // sanitizers and a busy machine included

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// Asks until `probe` gives something true; fails with `what` after `limit_ms`.
export async function eventually(what, probe, limit_ms = 10_000) {
  for (const end = Date.now() + limit_ms; ; await sleep(20)) {
    const value = await probe();
    if (value) return value;
    assert.ok(Date.now() < end, `not within ${limit_ms} ms: ${what}`);
  }
}

/// Ports that were free a moment ago; all held at once, so that they differ.
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export function folder(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'penstock-test-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/// Runs the command to its end: { code, signal, out, err }. Killed after `limit_ms`, which fails the test.
export function run(args, { env = {}, cwd, input, limit_ms = 30_000 } = {}) {
  const child = spawn(PENSTOCK, args, { env: { ...process.env, ...env }, cwd });
  child.stdin.on('error', () => {}); // It may end before it has read all.
  child.stdin.end(input);
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => { said.out += bytes; });
  child.stderr.on('data', (bytes) => { said.err += bytes; });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`penstock ${args.join(' ')}: no end within ${limit_ms} ms\n${said.out}${said.err}`));
    }, limit_ms);
    child.on('error', reject);
    child.on('close', (code, signal) => { clearTimeout(timer); resolve({ code, signal, ...said }); });
  });
}

export class Daemon {
  /// `sources`, `journal` and `more` are YAML: the sources, indented by two, the journal, and further keys of the file.
  static async start(t, { sources, journal = 'off', more = '', env = {}, args = [] } = {}) {
    const daemon = new Daemon();
    const [ingress, admin] = await freePorts(2);
    daemon.hooks = `http://127.0.0.1:${ingress}`;
    daemon.admin = `http://127.0.0.1:${admin}`;
    daemon.dir = folder(t);
    daemon.config = path.join(daemon.dir, 'penstock.yaml');
    const adminKey = more.includes('admin:') ? more.replace('ADMIN', `127.0.0.1:${admin}`)
      : `admin: { listen: 127.0.0.1:${admin} }\n${more}`;
    fs.writeFileSync(daemon.config, `listen: 127.0.0.1:${ingress}\njournal: ${journal}\n${adminKey}\nsources:\n${sources}\n`);
    daemon.spawn(args, env);
    t.after(() => daemon.kill());
    await daemon.untilReady();
    return daemon;
  }

  spawn(args, env) { this.spawnWith(['serve', '-c', this.config, ...args], env); }

  spawnWith(args, env) {
    this.said = '';
    this.child = spawn(PENSTOCK, args, { env: { ...process.env, ...env }, cwd: this.dir });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (bytes) => { this.said += bytes; });
    }
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => {
      this.end = { code, signal };
      resolve(this.end);
    }));
  }

  async untilReady() {
    await eventually('readyz answers 200', async () => {
      assert.equal(this.end, undefined, `serve ended: ${JSON.stringify(this.end)}\n${this.said}`);
      return (await get(`${this.admin}/readyz`).catch(() => ({ status: 0 }))).status === 200;
    }, START_LIMIT_MS);
  }

  async metrics() {
    const answer = await get(`${this.admin}/metrics`);
    assert.equal(answer.status, 200, answer.text);
    return new Metrics(answer.text);
  }

  signal(name) { this.child.kill(name); }

  /// Signals and waits for the end: { code, signal }.
  async stop(name = 'SIGTERM', limit_ms = 30_000) {
    this.signal(name);
    return this.waitForEnd(limit_ms);
  }

  async waitForEnd(limit_ms = 30_000) {
    await eventually(`serve ends; it said:\n${this.said}`, () => this.end, limit_ms);
    return this.end;
  }

  /// At the end of every test: a daemon that still runs must also stop cleanly, or a sanitizer's report would be lost.
  async kill() {
    if (this.end) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    const end = await this.ended;
    clearTimeout(timer);
    assert.deepEqual(end, { code: 0, signal: null }, `serve did not end cleanly; it said:\n${this.said}`);
  }
}
