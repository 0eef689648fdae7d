// send and tail, as a user types them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Daemon, PENSTOCK, ROOT, eventually, folder, freePorts, run } from './harness/daemon.mjs';
import { get, post } from './harness/client.mjs';
import { ENV, SOURCES, senders } from './harness/senders.mjs';

const body = (file) => path.join(ROOT, 'examples/payloads', file);

/// `penstock tail` that is known to listen: markers are published until one comes out.
async function startTail(t, daemon, args) {
  const child = spawn(PENSTOCK, ['tail', ...args, '--url', daemon.admin]);
  t.after(() => child.kill('SIGKILL'));
  const tail = { child, out: '' };
  child.stdout.on('data', (bytes) => { tail.out += bytes.toString('latin1'); });
  tail.ended = new Promise((resolve) => child.on('close', (code, signal) => { tail.end = { code, signal }; resolve(tail.end); }));
  tail.lines = () => tail.out.split('\n').slice(0, -1);
  await eventually('tail listens', async () => {
    await post(`${daemon.admin}/v1/topics/marker/events`, '{}', { 'content-type': 'application/json' });
    return tail.out.includes('marker') || tail.end;
  });
  return tail;
}

const tour = [
  ['github', 'github/push.json', ['--event', 'push']], ['gitlab', 'gitlab/push.json', []],
  ['bitbucketCloud', 'bitbucketCloud/repo_push.json', ['--event', 'repo:push']],
  ['bitbucketServer', 'bitbucketServer/repo_refs_changed.json', ['--event', 'repo:refs_changed']],
  ['azureDevOps', 'azureDevOps/git.push.json', []], ['gerrit', 'gerrit/change-merged.json', []],
];
for (const [name, file, options] of tour) {
  test(`send authenticates as ${name} does, and tail prints the event`, async (t) => {
    const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
    const tail = await startTail(t, daemon, ['>']);
    const sent = await run(['send', name, body(file), '-c', daemon.config, '--keep-id', ...options], { env: ENV });
    assert.equal(sent.code, 0, sent.out + sent.err);
    const line = await eventually('tail prints it', () => tail.lines().find((text) => text.includes(`"source":"${name}"`)));
    assert.equal(JSON.parse(Buffer.from(line, 'latin1').toString('utf8')).topic, senders[name].topic);
    assert.ok(line.endsWith(`"payload":${fs.readFileSync(body(file), 'latin1')}}`), line.slice(-300));
  });
}

test('tail ends after -n events, or by a signal', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const counted = await startTail(t, daemon, ['>', '-n', '1']);
  assert.deepEqual(await counted.ended, { code: 0, signal: null });
  assert.equal(counted.lines().length, 1);
  for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    const tail = await startTail(t, daemon, ['marker']);
    tail.child.kill(name);
    const end = await tail.ended;
    assert.ok(end.code === code || end.signal === name, `${name}: ${JSON.stringify(end)}`);
  }
});

test('send exits 1 when the webhook is refused', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const wrong = { ...ENV, [senders.github.variable]: 'another secret' };
  const sent = await run(['send', 'github', body('github/push.json'), '-c', daemon.config, '--event', 'push'], { env: wrong });
  assert.equal(sent.code, 1, sent.out + sent.err);
  assert.match(sent.out + sent.err, /401/);
  assert.ok(!(sent.out + sent.err).includes('another secret'));
});

test('--event is wrong use where the body routes; an unknown source and a missing file are told', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const with_event = await run(['send', 'gitlab', body('gitlab/push.json'), '-c', daemon.config, '--event', 'push'], { env: ENV });
  assert.equal(with_event.code, 2, with_event.err);
  for (const args of [['nobody', body('github/push.json')], ['github', '/nowhere.json']]) {
    const end = await run(['send', ...args, '-c', daemon.config], { env: ENV });
    assert.notEqual(end.code, 0);
    assert.ok(end.err.includes(args[0] === 'nobody' ? 'nobody' : '/nowhere.json'), end.err);
  }
});

test('without a broker send and tail exit 69', async (t) => {
  const [ingress, admin] = await freePorts(2);
  const config = path.join(folder(t), 'penstock.yaml');
  fs.writeFileSync(config, `listen: 127.0.0.1:${ingress}\nadmin: { listen: 127.0.0.1:${admin} }\njournal: off\nsources:\n${SOURCES}\n`);
  const sent = await run(['send', 'gitlab', body('gitlab/push.json'), '-c', config], { env: ENV });
  assert.equal(sent.code, 69, sent.out + sent.err);
  const tail = await run(['tail', '>', '--url', `http://127.0.0.1:${admin}`]);
  assert.equal(tail.code, 69, tail.out + tail.err);
});

test('tail --from needs a journal: wrong use until there is one', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const end = await run(['tail', '>', '--from', 'earliest', '--url', daemon.admin]);
  assert.equal(end.code, 2, end.out + end.err);
  assert.match(end.err, /journal/);
  assert.equal((await get(`${daemon.admin}/healthz`)).status, 200);
});
