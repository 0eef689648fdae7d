// A configuration that cannot work is refused before anything is bound, with what, where and how to mend it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Daemon, ROOT, folder, freePorts, run } from './harness/daemon.mjs';
import { ENV, SOURCES } from './harness/senders.mjs';

function file(t, text) {
  const name = path.join(folder(t), 'penstock.yaml');
  fs.writeFileSync(name, text);
  return name;
}

const source = 'sources:\n  github: { preset: github, secrets: [ "${env:SECRET_GITHUB}" ] }\n';

const refused = {
  'an unknown key': ['journal: off\nlisten: 127.0.0.1:0\nlimit: {}\n', /penstock\.yaml:3:1: .*limit.*did you mean.*limits/s],
  'an unknown key deep inside': ['journal: off\nsources:\n  github: { preset: github, secret: "x" }\n', /:3:\d+: .*secret.*did you mean.*secrets/s],
  'an unknown preset': ['journal: off\nsources:\n  a: { preset: githup, secrets: [ "x" ] }\n', /:3:\d+: .*githup.*did you mean.*github/s],
  'text that is no YAML': ['sources: [\n', /penstock\.yaml:\d+:\d+: /],
  'a size without a unit': [`journal: off\nlimits: { payload: 100 }\n${source}`, /:2:\d+: .*unit/s],
  'a source without a secret': ['journal: off\nsources:\n  github: { preset: github }\n', /:3:\d+: .*secret/s],
  'an empty secret': ['journal: off\nsources:\n  github: { preset: github, secrets: [ "${env:EMPTY:-}" ] }\n', /:3:\d+: .*(secret|empty)/s],
  'a variable that is not set': ['journal: off\nsources:\n  github: { preset: github, secrets: [ "${env:NOT_SET_HERE}" ] }\n', /:3:\d+: .*NOT_SET_HERE/s],
  'a reserved source name': ['journal: off\nsources:\n  admin: { preset: github, secrets: [ "x" ] }\n', /:3:\d+: .*admin/s],
  'a listen address that is none': [`journal: off\nlisten: nowhere\n${source}`, /:2:\d+: .*listen|:2:\d+: .*nowhere/s],
};
for (const [name, [text, wanted]] of Object.entries(refused)) {
  test(`${name} is refused with 78 and its place`, async (t) => {
    const config = file(t, text);
    for (const args of [['serve', '-c', config], ['check', config]]) {
      const end = await run(args, { env: ENV });
      assert.equal(end.code, 78, `${args[0]}: ${end.out}${end.err}`);
      assert.match(end.err, wanted, args[0]);
      assert.equal(end.out, '', 'errors go to stderr');
    }
  });
}

const not_built = {
  unsettled: `journal: { dir: ./penstock-data, unsettled: hold }\n${source}`,
  subscriptions: `journal: off\n${source}subscriptions:\n  ci: { topics: [ "github.push" ] }\n`,
  backstage: `journal: off\nbackstage: { listen: 127.0.0.1:0 }\n${source}`,
  tls: `journal: off\ntls: { cert: cert.pem, key: key.pem }\n${source}`,
  sqs: 'journal: off\nsources:\n  queue: { sqs: { queue: "https://sqs.eu-central-1.amazonaws.com/1/q", region: eu-central-1 } }\n',
};
for (const [key, text] of Object.entries(not_built)) {
  test(`${key} is refused as not built yet, by name`, async (t) => {
    const end = await run(['serve', '-c', file(t, text)], { env: ENV });
    assert.equal(end.code, 78, end.err);
    assert.match(end.err, new RegExp(`:\\d+:\\d+: .*${key}.*not built yet|:\\d+:\\d+: .*not built yet.*${key}`, 's'));
  });
}

test('a port in use ends serve with 1 and its address', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const [other] = await freePorts(1);
  const config = file(t, `journal: off\nlisten: ${new URL(daemon.hooks).host}\nadmin: { listen: 127.0.0.1:${other} }\n${source}`);
  const end = await run(['serve', '-c', config], { env: ENV });
  assert.equal(end.code, 1, end.err);
  assert.match(end.err, new RegExp(new URL(daemon.hooks).host.replaceAll('.', '\\.')));
  assert.match(end.err, /in use/i);
});

test('memory only, and an unsigned source, are told at start', async (t) => {
  const daemon = await Daemon.start(t, { sources: '  open: { verify: { kind: none } }' });
  assert.match(daemon.said, /memory/);
  assert.match(daemon.said, /open/);
  const [ingress, admin] = await freePorts(2);
  const config = file(t, `listen: 127.0.0.1:${ingress}\nadmin: { listen: 127.0.0.1:${admin} }\n${source}`);
  const checked = await run(['check', config], { env: ENV });
  assert.equal(checked.code, 0, 'a file without a journal key has one in ./penstock-data');
});

test('the quickstart passes check, with and without its secrets', async () => {
  const config = path.join(ROOT, 'examples/quickstart.yaml');
  const names = [...fs.readFileSync(config, 'utf8').matchAll(/\$\{env:([A-Z_]+)\}/g)].map((match) => match[1]);
  assert.equal(names.length, 6);
  const with_secrets = await run(['check', config], { env: Object.fromEntries(names.map((name) => [name, 'x'.repeat(32)])) });
  assert.equal(with_secrets.code, 0, with_secrets.err);
  const without = await run(['check', config, '--no-environment'], { env: Object.fromEntries(names.map((name) => [name, ''])) });
  assert.equal(without.code, 0, without.err);
});

test('a missing file and wrong use have their own exit status', async () => {
  assert.equal((await run(['serve', '-c', '/nowhere/penstock.yaml'])).code, 78);
  for (const args of [[], ['serv'], ['serve', '--no-such-option'], ['check'], ['send', 'github']]) {
    const end = await run(args);
    assert.equal(end.code, 2, `penstock ${args.join(' ')}: ${end.out}${end.err}`);
    assert.notEqual(end.err, '');
  }
});

test('version and help go to stdout', async () => {
  const version = await run(['version']);
  assert.equal(version.code, 0);
  assert.match(version.out, /\b0\.1\.0\b/);
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  for (const command of ['serve', 'check', 'send', 'tail', 'version']) assert.match(help.out, new RegExp(`\\b${command}\\b`));
});
