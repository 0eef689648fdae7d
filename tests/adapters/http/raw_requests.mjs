// Starts http_sink and sends it the raw requests of tests/integration/http_cases. Exit status: that of run.mjs.
//
//     node raw_requests.mjs HTTP_SINK RUN_MJS [options of run.mjs]

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const [sinkProgram, runner, ...options] = process.argv.slice(2);
const sink = spawn(sinkProgram, [], { stdio: ['pipe', 'pipe', 'inherit'] });
const ended = new Promise((resolve) => { sink.on('exit', (code, signal) => resolve(signal ?? code)); });
sink.on('error', (error) => { console.error(String(error)); process.exit(2); });

const line = await createInterface({ input: sink.stdout })[Symbol.asyncIterator]().next();
const [port, metricsPort] = String(line.value).split(' ');
const run = spawnSync(process.execPath, [
  runner, `127.0.0.1:${port}`, '/hooks/sink', '--quiet',
  '--counter', `http://127.0.0.1:${metricsPort}/metrics#sink_requests_total`, ...options,
], { stdio: 'inherit' });

sink.stdin.end();
const end = await ended;
if (end !== 0) console.error(`http_sink ended with ${end}`);
process.exit(end === 0 ? run.status ?? 1 : 1);
