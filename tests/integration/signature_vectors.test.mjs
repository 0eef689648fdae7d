// Every signature vector of the senders that have a preset, judged by `penstock explain` as an operator would ask it.
// The vectors were signed by the senders' own libraries, or stand in their documentation: see the head of the file.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { PENSTOCK, ROOT } from './harness/daemon.mjs';

const { cases } = JSON.parse(fs.readFileSync(path.join(ROOT, 'tests/integration/signature_vectors/vectors.json')));

/// { code, out, err }
function explain(vector) {
  const { pathname, search, origin } = new URL(vector.url);
  const env = { ...process.env };
  const args = ['explain', '--json', '--preset', vector.preset, '--method', vector.method, '--now', `${vector.now}`,
    '--target', pathname + search, '--public-url', origin + pathname, '--body', '-'];
  (vector.secrets ?? []).forEach((secret, i) => {
    env[`VECTOR_SECRET_${i}`] = secret;
    args.push('--secret-env', `VECTOR_SECRET_${i}`);
  });
  if (vector.user !== undefined) args.push('--user', vector.user);
  for (const [name, value] of vector.headers) args.push('-H', `${name}: ${value}`);
  const child = spawn(PENSTOCK, args, { env });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => { said.out += bytes; });
  child.stderr.on('data', (bytes) => { said.err += bytes; });
  child.stdin.on('error', () => {}); // It may refuse before it has read all.
  child.stdin.end(Buffer.from(vector.body_b64, 'base64'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
}

test('there are vectors of every kind of proof that a preset uses', () => {
  assert.deepEqual([...new Set(cases.map((vector) => vector.preset))].sort(),
    ['azure-devops', 'bitbucket-cloud', 'github', 'gitlab']);
  assert.ok(cases.some((vector) => vector.expect === 'accept') && cases.some((vector) => vector.expect === 'reject'));
});

for (const vector of cases) {
  test(`${vector.id}: ${vector.why}`, async () => {
    const { code, out, err } = await explain(vector);
    assert.notEqual(out, '', `exit ${code}: ${err}`);
    const told = JSON.parse(out);
    assert.deepEqual(Object.keys(told),
      ['verify', 'reason', 'handshake', 'status', 'topic', 'unrouted', 'dedup_id', 'subscriptions']);
    const accepted = told.verify === 'authentic';
    // What is a matter of policy may be judged either way, but not by halves.
    if (vector.must) assert.equal(accepted ? 'accept' : 'reject', vector.expect, out);
    assert.ok(['authentic', 'forged', 'unsigned', 'stale', 'malformed'].includes(told.verify), out);
    assert.equal(code, accepted ? 0 : 1, err);
    assert.equal(told.status, accepted ? 200 : 401);
    for (const secret of vector.secrets) assert.ok(!(out + err).includes(secret), 'a secret is shown');
  });
}
