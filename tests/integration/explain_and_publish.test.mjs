// explain against the daemon that it explains; publish; and what stands above the file, as a shell would set it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { Daemon, ROOT, folder, freePorts, run } from './harness/daemon.mjs';
import { get, post } from './harness/client.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';
import { Stream, assertPayload } from './harness/stream.mjs';

const file = (name) => path.join(ROOT, 'examples/payloads', name);

/// A file with all senders, that nobody serves.
function configuration(t, more = '') {
  const name = path.join(folder(t), 'penstock.yaml');
  fs.writeFileSync(name, `journal: off\n${more}\nsources:\n${SOURCES}\n`);
  return name;
}

/// `explain --json` of a request as the harness sends it.
async function explain(config, { target, headers, body, method = 'POST' }, dir) {
  const bytes = path.join(dir, 'body');
  fs.writeFileSync(bytes, body);
  const args = ['explain', '-c', config, '--source', target.split('/')[2], '--method', method, '--target', target,
    '--body', bytes, '--json', ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])];
  const end = await run(args, { env: ENV });
  assert.notEqual(end.out, '', end.err);
  return { code: end.code, ...JSON.parse(end.out) };
}

test('explain says of each sender what the daemon does with it', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const dir = folder(t);
  for (const sender of Object.values(senders)) {
    const { path: target, headers } = sender.sign();
    for (const [what, request] of Object.entries({
      good: { target, headers, body: sender.body },
      'another body': { target, headers, body: Buffer.concat([sender.body, Buffer.from(' ')]) },
      encoded: { target, headers: { ...headers, 'Content-Encoding': 'gzip' }, body: sender.body },
      unsigned: { target: `/hooks/${sender.name}`, headers: sender.fields, body: sender.body },
    })) {
      const told = await explain(daemon.config, request, dir);
      const answer = await post(daemon.hooks + request.target, request.body, request.headers);
      assert.equal(told.status, answer.status, `${sender.name}, ${what}: ${JSON.stringify(told)}`);
      assert.equal(told.code, told.verify === 'authentic' ? 0 : 1);
      if (answer.status === 200) assert.equal(told.topic, sender.topic);
    }
  }
});

test('explain answers for every method', async (t) => {
  const config = configuration(t);
  const { path: target, headers } = senders.github.sign();
  for (const method of ['HEAD', 'GET', 'PUT', 'OPTIONS']) {
    const told = await explain(config, { target, headers, body: senders.github.body, method }, folder(t));
    assert.equal(told.status, 405, method);
  }
});

test('each -H takes one value, wherever it stands', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  for (const args of [['-H', 'x-event: push', 'github', file('github/push.json')],
    ['github', '-H', 'x-event: push', file('github/push.json')]]) {
    const end = await run(['publish', ...args, '--url', daemon.admin, '--json'], { env: ENV });
    assert.equal(end.code, 0, end.err);
  }
});

test('explain needs no broker and listens where nobody looks', async (t) => {
  const [port, admin] = await freePorts(2);
  const config = configuration(t, `listen: 127.0.0.1:${port}\nadmin: { listen: 127.0.0.1:${admin} }`);
  const taken = await Promise.all([port, admin].map((number) => new Promise((resolve) => {
    const server = net.createServer().listen(number, '127.0.0.1', () => resolve(server));
  })));
  t.after(() => taken.forEach((server) => server.close()));
  const end = await run(['explain', '-c', config, '--source', 'github', '-H', 'x-github-event: push',
    '--body', file('github/push.json')], { env: ENV });
  assert.equal(end.code, 1, end.err);
  assert.match(end.out, /^verify {5}unsigned: X-Hub-Signature-256 is missing$/m);
  assert.match(end.out, /^route {6}github\.push: /m);
});

test('explain reads a body from stdin, and only the secret that it needs', async (t) => {
  const config = configuration(t);
  const { SECRET_GERRIT, ...others } = ENV;
  const env = Object.fromEntries(Object.keys(others).map((name) => [name, '']));
  const args = ['explain', '-c', config, '--source', 'gerrit', '--json', '--body', '-', '--target', `/hooks/gerrit/${SECRET_GERRIT}`];
  const end = await run(args, { env: { ...env, SECRET_GERRIT }, input: senders.gerrit.body });
  assert.equal(end.code, 0, end.err);
  assert.equal(JSON.parse(end.out).topic, 'gerrit.change-merged');
  assert.ok(!(end.out + end.err).includes(SECRET_GERRIT));
});

test('publish reaches a subscriber, byte for byte, on the topic that the route gives it', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['>']);
  const end = await run(['publish', 'github', file('github/push.json'), '-H', 'X-GitHub-Event: push', '-H', 'a: 1', '-H', 'a: 2',
    '--url', daemon.admin, '--json']);
  assert.equal(end.code, 0, end.err);
  const receipt = JSON.parse(end.out);
  assert.equal(receipt.topic, 'github.push');
  const event = await stream.next();
  assert.equal(event.topic, 'github.push');
  assert.equal(event.envelope.id, receipt.id);
  assert.equal(event.envelope.source, 'admin');
  assert.deepEqual(event.envelope.metadata.a, ['1', '2']);
  assertPayload(event, fs.readFileSync(file('github/push.json')));
  const piped = await run(['publish', 'other', '--url', daemon.admin], { input: '{"piped":true}' });
  assert.match(piped.out, /^other [0-9a-f-]{36} {2}receipt: memory\n$/);
  assertPayload(await stream.next(), '{"piped":true}');
});

test('publish says what went wrong by its status', async (t) => {
  const [nobody] = await freePorts(1);
  const at = (url, ...args) => run(['publish', ...args, '--url', url], { env: { T: 'wrong-token' } });
  assert.equal((await at(`http://127.0.0.1:${nobody}`, 'a', file('github/push.json'))).code, 69);
  const daemon = await Daemon.start(t, { sources: SOURCES, env: { ...ENV, R: 'reader-token', W: 'writer-token' },
    more: 'admin: { listen: ADMIN, tokens: { read: "${env:R}", write: "${env:W}" } }\nlimits: { payload: 1KiB }' });
  assert.equal((await at(daemon.admin, 'a', file('github/push.json'))).code, 1, '401');
  assert.equal((await at(daemon.admin, 'a', file('github/push.json'), '--token-env', 'T')).code, 1, '401');
  assert.equal((await at(daemon.admin, 'a..b', file('github/push.json'))).code, 2);
  const refused = await run(['publish', 'a', file('github/push.json'), '--url', daemon.admin, '--token-env', 'W'],
    { env: { W: 'writer-token' } });
  assert.equal(refused.code, 1, 'larger than limits.payload');
  assert.match(refused.err, /413/);
  assert.ok(!refused.err.includes('writer-token'));
});

test('a flag stands above a variable, that above the file, the file above the default', async (t) => {
  const config = configuration(t, 'listen: 127.0.0.1:1111\nlimits: { memory: 64MiB }');
  const listen = async (env, args = []) => {
    const end = await run(['check', config, '--json', ...args], { env: { ...ENV, ...env } });
    assert.equal(end.code, 0, end.err);
    return JSON.parse(end.out).listen;
  };
  assert.equal(await listen({}), '127.0.0.1:1111');
  assert.equal(await listen({ PENSTOCK_LISTEN: '127.0.0.1:2222' }), '127.0.0.1:2222');
  assert.equal(await listen({ PENSTOCK_LISTEN: '' }), '127.0.0.1:1111', 'empty is unset');
  const bad = await run(['check', config], { env: { ...ENV, PENSTOCK_LIMITS_MEMORY: '1MiB' } });
  assert.equal(bad.code, 78);
  assert.match(bad.err, /PENSTOCK_LIMITS_MEMORY: 1MiB is not between/);
  const check = (args, json) => run(['check', ...args], { env: { ...ENV, PENSTOCK_CONFIG: config, PENSTOCK_JSON: json } });
  assert.equal((await check([], '1')).out[0], '{');
  assert.match((await check([], '0')).out, /: ok\n$/);
  assert.equal((await check(['--json'], '0')).out[0], '{', 'the flag stands above');
});

test('serve takes its limits from variables, and warns of one that means nothing', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES,
    env: { ...ENV, PENSTOCK_LIMITS_PAYLOAD: '100B', PENSTOCK_LIMITS_PAYLAOD: '1B', PENSTOCK_SERVICE_HOST: '10.0.0.1' } });
  const { path: target, headers } = senders.gitlab.sign();
  assert.equal((await post(daemon.hooks + target, senders.gitlab.body, headers)).status, 413);
  assert.equal((await get(`${daemon.admin}/readyz`)).status, 200);
  assert.match(daemon.said, /PENSTOCK_LIMITS_PAYLAOD means nothing; did you mean 'PENSTOCK_LIMITS_PAYLOAD'\?/);
  assert.ok(!daemon.said.includes('PENSTOCK_SERVICE_HOST'), daemon.said);
});

test('every command has -h, and says its data on stdout', async () => {
  for (const command of ['serve', 'check', 'explain', 'publish', 'send', 'tail', 'version']) {
    const end = await run([command, '-h'], { env: { NO_COLOR: '1' } });
    assert.equal(end.code, 0, command);
    assert.match(end.out, new RegExp(`Usage: penstock ${command}`));
    assert.equal(end.err, '');
    assert.ok(!end.out.includes('\u001b'), 'no colour');
  }
});
