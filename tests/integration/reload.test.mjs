// SIGHUP: the configuration is read again and switched to while webhooks pass, or the old one stays, whole.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { get, post } from './harness/client.mjs';
import { Daemon, eventually, folder, freePorts, sleep } from './harness/daemon.mjs';
import { hmac } from './harness/senders.mjs';
import { Stream } from './harness/stream.mjs';

const SENDERS = 8;
const BY_HEADER = 'header:X-GitHub-Event';
const BY_FIELD = 'json:/kind';

/// Renamed into place, so that no reload can meet half a file.
function replace(file, text) {
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

/// A daemon whose file a test writes again and again. `sources` and `more` are YAML, as for Daemon.start.
class Reloaded {
  static async start(t, options) {
    const reloaded = new Reloaded();
    reloaded.daemon = await Daemon.start(t, options);
    reloaded.head = fs.readFileSync(reloaded.daemon.config, 'utf8').split('\nsources:\n')[0];
    return reloaded;
  }

  lines() { return this.daemon.said.match(/msg=reloaded|msg="not reloaded/g) ?? []; }

  /// Writes the file, hangs up, and waits for what the log says: whether the new configuration is in use.
  async reload(text) {
    replace(this.daemon.config, text);
    return this.hangUp();
  }

  async hangUp() {
    const before = this.lines().length;
    this.daemon.signal('SIGHUP');
    const lines = await eventually('the log tells of the reload', () => this.lines().length > before && this.lines(), 30_000);
    return lines.at(-1) === 'msg=reloaded';
  }

  with(sources, more = '') { return `${this.head}\n${more}\nsources:\n${sources}\n`; }

  async state() {
    const metrics = await this.daemon.metrics();
    return { successful: metrics.sum('penstock_config_last_reload_successful'),
      since: metrics.sum('penstock_config_last_reload_success_timestamp_seconds') };
  }
}

/// One kept connection that posts signed webhooks, one behind the other, until told to stop.
class Sender {
  constructor(daemon, name, key) {
    Object.assign(this, { daemon, name, key, sent: 0, signed_with: undefined, accepted: [] });
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.done = this.run();
  }

  async run() {
    while (!this.stopped) {
      const key = this.key;
      const answer = await this.post(key, JSON.stringify({ sender: this.name, n: this.sent, kind: 'field' }));
      assert.equal(answer.status, 200, `${this.name} ${this.sent}: ${answer.text}`);
      assert.equal(answer.reused, this.sent > 0, `${this.name} had to connect again for request ${this.sent}`);
      this.accepted.push(JSON.parse(answer.text).id);
      ++this.sent;
      this.signed_with = key;
    }
    this.agent.destroy();
  }

  post(key, body) {
    return new Promise((resolve, reject) => {
      const headers = { 'x-hub-signature-256': `sha256=${hmac(key, body)}`, 'x-github-event': 'header',
        'content-length': Buffer.byteLength(body) };
      const request = http.request(`${this.daemon.hooks}/hooks/github`, { method: 'POST', headers, agent: this.agent }, (answer) => {
        let text = '';
        answer.on('data', (bytes) => { text += bytes; });
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, text, reused: request.reusedSocket }));
      });
      request.on('error', (error) => reject(new Error(`${this.name}: connection dropped at request ${this.sent}: ${error}`)));
      request.end(body);
    });
  }
}

const newKey = () => crypto.randomBytes(16).toString('hex');

test('reloads under load drop no connection, lose no event, and a bad file changes nothing', async (t) => {
  const dir = folder(t);
  const old_file = path.join(dir, 'old');
  const new_file = path.join(dir, 'new');
  const keys = [newKey(), newKey()];
  const write_keys = () => { replace(old_file, keys.at(-2)); replace(new_file, keys.at(-1)); };
  write_keys();
  const sources = (place, extra) => `  github: { preset: github, secrets: [ "\${file:${old_file}}", "\${file:${new_file}}" ], event: [ "${place}" ] }\n`
    + (extra ? '  extra: { verify: { kind: none }, accepted_status: 202 }\n' : '');
  const reloaded = await Reloaded.start(t, { sources: sources(BY_HEADER, false), more: 'threads: 2' });
  const { daemon } = reloaded;
  const stream = await Stream.open(t, daemon, ['github', 'github.>'], '&queue=64MiB');
  const senders = Array.from({ length: SENDERS }, (_, i) => new Sender(daemon, `sender-${i}`, keys.at(-1)));
  const failure = Promise.all(senders.map((sender) => sender.done));
  failure.catch(() => {});
  const busy = (what, probe) => Promise.race([failure, eventually(what, probe, 60_000)]);
  await busy('all senders are at work', () => senders.every((sender) => sender.sent > 5));

  const bad = [
    () => 'sources: [',
    () => `${reloaded.with(sources(BY_FIELD, true))}colour: blue\n`,
    () => reloaded.with(sources(BY_FIELD, true).replace(old_file, `${old_file}.missing`)),
    () => reloaded.with(sources(BY_FIELD, true)).replace(/^listen: .*$/m, 'listen: 127.0.0.1:1'),
    () => reloaded.with(sources(BY_FIELD, true), 'workers: 77'),
    () => reloaded.with(sources(BY_FIELD, true).replace('preset: github', 'preset: github, topic: elsewhere')),
  ];
  let extra = false;
  for (let round = 0; round < 12; ++round) {
    // Rotation, as an operator does it: the receiver takes both keys before any sender uses the new one.
    keys.push(newKey());
    write_keys();
    extra = !extra;
    const good = reloaded.with(sources(round % 2 === 0 ? BY_FIELD : BY_HEADER, extra));
    assert.equal(await reloaded.reload(good), true, daemon.said);
    assert.equal((await post(`${daemon.hooks}/hooks/extra`, '{}')).status, extra ? 202 : 404);
    for (const sender of senders) sender.key = keys.at(-1);
    await busy('every sender has changed its key', () => senders.every((sender) => sender.signed_with === keys.at(-1)));

    const before = await reloaded.state();
    assert.equal(before.successful, 1);
    assert.equal(await reloaded.reload(bad[round % bad.length]()), false, daemon.said);
    assert.deepEqual(await reloaded.state(), { ...before, successful: 0 });
    assert.equal((await post(`${daemon.hooks}/hooks/extra`, '{}')).status, extra ? 202 : 404);
    const sent = senders.map((sender) => sender.sent);
    await busy('every sender goes on', () => senders.every((sender, i) => sender.sent > sent[i] + 1));
  }

  for (const sender of senders) sender.stopped = true;
  await failure;
  const accepted = senders.flatMap((sender) => sender.accepted);
  await eventually('every event arrives', () => stream.events.length >= accepted.length, 60_000);
  const arrived = stream.events.map((event) => JSON.parse(event.data));
  assert.equal(arrived.length, accepted.length, 'no event came twice');
  assert.deepEqual(new Set(arrived.map((event) => event.id)), new Set(accepted));
  const topics = new Set(arrived.map((event) => event.topic));
  assert.deepEqual([...topics].sort(), ['github.field', 'github.header'], 'routes were switched, and every event was routed');
  for (const sender of senders) {
    const order = arrived.filter((event) => event.payload.sender === sender.name).map((event) => event.payload.n);
    assert.deepEqual(order, [...order.keys()], `${sender.name}: in order`);
  }
  const metrics = await daemon.metrics();
  assert.equal(metrics.balance('github').accepted, accepted.length);
  assert.equal(metrics.balance('github').refused, 0);
  assert.ok(metrics.balance('extra').accepted >= 2 * 6, 'counters of a source that came and went are kept');
  t.diagnostic(`${accepted.length} events on ${SENDERS} connections, 12 reloads and 12 bad files`);
});

test('a secret is read again: the old one is refused, on the connection that used it before', async (t) => {
  const file = path.join(folder(t), 'key');
  fs.writeFileSync(file, 'first');
  const reloaded = await Reloaded.start(t, { sources: `  github: { preset: github, secrets: [ "\${file:${file}}" ] }` });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const send = async (key) => (await post(`${reloaded.daemon.hooks}/hooks/github`, '{}',
    { 'x-hub-signature-256': `sha256=${hmac(key, '{}')}` }, agent)).status;
  assert.equal(await send('first'), 200);
  replace(file, 'second');
  assert.equal(await send('second'), 401, 'nothing is read before the hangup');
  assert.equal(await reloaded.hangUp(), true);
  assert.equal(await send('second'), 200);
  assert.equal(await send('first'), 401);
  assert.ok(!reloaded.daemon.said.includes('second'), 'no secret in the log');
});

test('a request in flight ends under the configuration that its head met', async (t) => {
  const reloaded = await Reloaded.start(t, { sources: '  a: { verify: { kind: none } }\n  b: { verify: { kind: none } }' });
  const { daemon } = reloaded;
  const stream = await Stream.open(t, daemon, ['>']);
  const socket = net.connect(new URL(daemon.hooks).port, '127.0.0.1');
  let said = '';
  socket.on('data', (bytes) => { said += bytes; });
  const post_a = 'POST /hooks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n';
  socket.write(`${post_a}{}${post_a}{`);
  await stream.next(); // The second head has come by now, or is read in the same turn.
  await eventually('the first answer', () => /200 OK/.test(said));
  assert.equal(await reloaded.reload(reloaded.with('  b: { verify: { kind: none } }')), true);
  socket.write('}');
  await stream.next();
  await eventually('the second answer', () => (said.match(/HTTP\/1\.1 200 /g) ?? []).length === 2);
  socket.write(`${post_a}{}`);
  await eventually('the third answer', () => /HTTP\/1\.1 404 /.test(said));
  socket.destroy();
  const { text } = await get(`${daemon.admin}/v1/sources`);
  const gone = JSON.parse(text).sources.find((source) => source.name === 'a');
  assert.deepEqual([gone.configured, gone.accepted], [false, 2]);
});

test('tokens, log and limits are switched; listen, admin.listen, threads and workers are refused by name', async (t) => {
  const reloaded = await Reloaded.start(t, { sources: '  a: { verify: { kind: none } }', env: { READ: 'r'.repeat(20), WRITE: 'w'.repeat(20) } });
  const { daemon } = reloaded;
  const sources = '  a: { verify: { kind: none } }';
  const tokens = reloaded.with(sources, 'log: { format: json }\nlimits: { payload: 100B }')
    .replace(/^admin: \{/m, 'admin: { tokens: { read: "${env:READ}", write: "${env:WRITE}" },');
  replace(daemon.config, tokens);
  daemon.signal('SIGHUP');
  await eventually('the reload', () => daemon.said.includes('"msg":"reloaded"'));
  assert.equal((await get(`${daemon.admin}/metrics`)).status, 401);
  assert.equal((await get(`${daemon.admin}/metrics`, { authorization: `Bearer ${'r'.repeat(20)}` })).status, 200);
  assert.equal((await post(`${daemon.hooks}/hooks/a`, 'x'.repeat(101))).status, 413);
  const [port] = await freePorts(1);
  const changes = { 'admin.listen': tokens.replace(/(admin: .*)listen: 127\.0\.0\.1:\d+/, `$1listen: 127.0.0.1:${port}`),
    listen: tokens.replace(/^listen: .*$/m, `listen: 127.0.0.1:${port}`),
    threads: `threads: 31\n${tokens}`, workers: `workers: 31\n${tokens}`, wait: `wait: spin\n${tokens}`,
    'limits.memory': tokens.replace('limits: {', 'limits: { memory: 2GiB,'), 'limits.payload': tokens.replace('100B', '26MiB') };
  for (const [name, text] of Object.entries(changes)) {
    assert.notEqual(text, tokens, name);
    const from = daemon.said.length;
    replace(daemon.config, text);
    daemon.signal('SIGHUP');
    await eventually(`${name} is refused`, () => daemon.said.slice(from).includes('"msg":"not reloaded'));
    assert.ok(daemon.said.slice(from).includes(`"msg":"${daemon.config}: ${name}: `), daemon.said.slice(from));
  }
  assert.equal((await post(`${daemon.hooks}/hooks/a`, '{}')).status, 200);
});

test('a bad file is told as file:line:column, and neither it nor a missing one ends the process', async (t) => {
  const reloaded = await Reloaded.start(t, { sources: '  a: { verify: { kind: none } }' });
  const { daemon } = reloaded;
  assert.equal(await reloaded.reload('listen: 127.0.0.1:1\nsourced: {}\n'), false);
  assert.ok(daemon.said.includes(`${daemon.config}:2:1: unknown key 'sourced'; did you mean 'sources'?`), daemon.said);
  fs.rmSync(daemon.config);
  assert.equal(await reloaded.hangUp(), false);
  assert.equal((await reloaded.state()).successful, 0);
  assert.equal(await reloaded.reload(reloaded.with('  b: { verify: { kind: none } }')), true);
  assert.equal((await reloaded.state()).successful, 1);
  assert.equal((await post(`${daemon.hooks}/hooks/b`, '{}')).status, 200);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('hangups in a row, and in a drain', async (t) => {
  const reloaded = await Reloaded.start(t, { sources: '  a: { verify: { kind: none } }', more: 'limits: { body_time: 60s }' });
  const { daemon } = reloaded;
  for (let i = 0; i < 50; ++i) daemon.signal('SIGHUP');
  replace(daemon.config, reloaded.with('  b: { verify: { kind: none } }'));
  assert.equal(await reloaded.hangUp(), true);
  await eventually('the last of them', async () => (await post(`${daemon.hooks}/hooks/b`, '{}')).status === 200);

  const socket = net.connect(new URL(daemon.hooks).port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST /hooks/b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{');
  await sleep(200);
  daemon.signal('SIGTERM');
  await eventually('it drains', () => daemon.said.includes('msg=draining'));
  const reloads = reloaded.lines().length;
  daemon.signal('SIGHUP');
  await eventually('the hangup is told', () => daemon.said.includes('SIGHUP: ignored in a drain'));
  socket.write('}');
  assert.deepEqual(await daemon.waitForEnd(), { code: 0, signal: null });
  assert.equal(reloaded.lines().length, reloads);
});

test('without a file a hangup says that there is nothing to read, and changes nothing', async (t) => {
  const daemon = new Daemon();
  const [ingress, admin] = await freePorts(2);
  Object.assign(daemon, { hooks: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}`, dir: folder(t) });
  daemon.spawnWith(['serve', '--source', 'github', '--secret-env', 'KEY', '--listen', `127.0.0.1:${ingress}`,
    '--admin-listen', `127.0.0.1:${admin}`], { KEY: 'secret-of-this-test' });
  t.after(() => daemon.kill());
  await daemon.untilReady();
  daemon.signal('SIGHUP');
  await eventually('it says so', () => daemon.said.includes('there is no file to read again'));
  assert.equal((await daemon.metrics()).sum('penstock_config_last_reload_successful'), 1);
  const headers = { 'x-hub-signature-256': `sha256=${hmac('secret-of-this-test', '{}')}` };
  assert.equal((await post(`${daemon.hooks}/hooks/github`, '{}', headers)).status, 200);
});
