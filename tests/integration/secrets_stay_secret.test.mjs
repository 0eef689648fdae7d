// No secret, proof or path token is found in anything that the daemon says, whatever it was sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { get, post, raw, request } from './harness/client.mjs';
import { Daemon, run } from './harness/daemon.mjs';
import { ENV, SOURCES, hmac, senders } from './harness/senders.mjs';
import { Stream } from './harness/stream.mjs';

const TOKEN = 'Admin-token-4f9d1c77aa0b';
const WRONG = 'a-guess-that-nobody-may-read';

/// Everything that must never be seen outside: the secrets, in the forms in which they travel.
function forbidden() {
  const forms = [TOKEN, WRONG];
  for (const { secret, body } of Object.values(senders)) {
    forms.push(secret, Buffer.from(secret).toString('base64'), Buffer.from(`penstock:${secret}`).toString('base64'), hmac(secret, body));
  }
  return forms;
}

function assertClean(where, text) {
  for (const form of forbidden()) assert.ok(!text.includes(form), `${where} holds ${form}:\n${text.slice(0, 2000)}`);
}

async function sendAllKinds(daemon) {
  for (const sender of Object.values(senders)) {
    assert.equal((await sender.send(daemon)).status, 200);
    const { headers, token } = sender.proof(WRONG, sender.body);
    await post(`${daemon.hooks}/hooks/${sender.name}${token ? `/${token}` : ''}`, sender.body, { ...sender.fields, ...headers });
  }
  const { secret } = senders.gerrit; // a path token in requests that are wrong in other ways
  await request(`${daemon.hooks}/hooks/gerrit/${secret}`, { method: 'GET' });
  await post(`${daemon.hooks}/hooks/gerrit/${secret}/more`, '{}');
  await post(`${daemon.hooks}/hooks/elsewhere/${secret}`, '{}');
  await raw(daemon.hooks, `POST /hooks/gerrit/${secret} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await raw(daemon.hooks, `POST /hooks/gerrit/${secret} HTTP/1.1\r\nHost: x\r\nBad Header: ${secret}\r\n\r\n`);
  await raw(daemon.hooks, `POST /hooks/gerrit/${secret} HTTP/3.9\r\nCookie: ${secret}\r\n\r\n`);
  await get(`${daemon.admin}/v1/stats`, { authorization: `Bearer ${WRONG}` });
  await get(`${daemon.admin}/v1/nothing?token=${TOKEN}`, { authorization: `Bearer ${TOKEN}` });
}

for (const format of ['logfmt', 'json']) {
  test(`nothing that a daemon with a ${format} log says holds a secret`, async (t) => {
    const daemon = await Daemon.start(t, {
      sources: SOURCES, env: { ...ENV, ADMIN_TOKEN: TOKEN },
      more: `admin: { listen: ADMIN, tokens: { read: "\${env:ADMIN_TOKEN}", write: "\${env:ADMIN_TOKEN}" } }\nlog: { format: ${format}, level: debug }`,
    });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    const stream = await Stream.open(t, daemon, ['>'], '', bearer);
    await sendAllKinds(daemon);
    await stream.take(Object.keys(senders).length);
    for (const path of ['/metrics', '/v1/stats', '/v1/sources', '/v1/topics', '/v1/nothing']) {
      const answer = await get(daemon.admin + path, bearer);
      if (path !== '/v1/nothing') assert.equal(answer.status, 200, path);
      assertClean(path, answer.text + JSON.stringify(answer.headers));
    }
    // Signatures are no secrets of ours: they travel as metadata. Tokens and passwords do not.
    const { text } = { text: stream.all };
    for (const { secret } of Object.values(senders)) {
      for (const form of [secret, Buffer.from(`penstock:${secret}`).toString('base64')]) assert.ok(!text.includes(form), 'on the stream');
    }
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    assert.ok(daemon.said.length > 0);
    assertClean('the log', daemon.said);
    assert.ok(!daemon.said.includes('/hooks/gerrit/'), 'targets of hooks are not logged');
  });
}

test('secret headers never become metadata', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const stream = await Stream.open(t, daemon, ['github.push', 'gitlab.push', 'azureDevOps.git.push']);
  const extra = { Cookie: WRONG, Authorization: `Bearer ${WRONG}`, 'Proxy-Authorization': WRONG, 'X-Amz-Security-Token': WRONG, 'X-Kept': 'yes' };
  assert.equal((await senders.github.send(daemon, { headers: extra })).status, 200);
  assert.equal((await senders.gitlab.send(daemon)).status, 200);
  assert.equal((await senders.azureDevOps.send(daemon)).status, 200);
  const [github, gitlab, azure] = (await stream.take(3)).map(({ envelope }) => envelope.metadata);
  const names = (metadata) => Object.keys(metadata).map((name) => name.toLowerCase());
  for (const name of Object.keys(extra)) {
    assert.equal(names(github).includes(name.toLowerCase()), name === 'X-Kept', name);
  }
  assert.ok(!names(gitlab).includes('x-gitlab-token'));
  assert.ok(!names(azure).includes('authorization'));
});

test('check and a refused start name a secret, never show it', async (t) => {
  const daemon = await Daemon.start(t, { sources: SOURCES, env: ENV });
  const checked = await run(['check', daemon.config], { env: ENV });
  assert.equal(checked.code, 0, checked.err);
  assertClean('check', checked.out + checked.err);
  const again = await run(['serve', '-c', daemon.config], { env: ENV }); // the ports are taken
  assert.equal(again.code, 1, again.err);
  assertClean('serve', again.out + again.err);
});
