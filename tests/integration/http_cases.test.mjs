// The raw requests of http_cases, smuggling and slow clients among them, against the whole daemon: none may FAIL.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { Daemon, ROOT } from './harness/daemon.mjs';

const PAYLOAD_MAX = 1024 * 1024;

function runCases(daemon) {
  const runner = spawn(process.execPath, [path.join(ROOT, 'tests/integration/http_cases/run.mjs'),
    new URL(daemon.hooks).host, '/hooks/open', '--max-body', `${PAYLOAD_MAX}`, '--quiet',
    '--counter', `${daemon.admin}/metrics#penstock_events_accepted_total`]);
  let said = '';
  runner.stdout.on('data', (bytes) => { said += bytes; });
  runner.stderr.on('data', (bytes) => { said += bytes; });
  return new Promise((resolve) => runner.on('close', (code) => resolve({ code, said })));
}

test('no raw request is answered wrongly, and what is not answered 200 is not delivered', async (t) => {
  const daemon = await Daemon.start(t, {
    sources: '  open: { verify: { kind: none } }', more: `limits: { payload: ${PAYLOAD_MAX / 1024}KiB }`,
  });
  const { code, said } = await runCases(daemon);
  assert.equal(code, 0, said);
  const total = /^total +(\d+) +(\d+) +(\d+)/m.exec(said);
  assert.ok(total, said);
  assert.ok(Number(total[1]) + Number(total[2]) >= 124, said);
  assert.equal(Number(total[3]), 0, said);
  (await daemon.metrics()).balance('open');
});
