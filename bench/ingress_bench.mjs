#!/usr/bin/env node
// What one signed webhook costs over HTTP: received, verified, routed, published, answered. The whole daemon; with
// --journal DIR each is on that disk before it is answered.
//
//     node bench/ingress_bench.mjs build/release/tools/penstock/penstock [--seconds 3] [--connections 32] [--rounds 5]
//         [--journal DIR]
//
// Load comes from wrk (Debian package `wrk`), one thread, keep-alive. The body is GitHub's push of examples/payloads
// (7.7 KB) with a dozen header fields and a true X-Hub-Signature-256. CPU is the daemon's user + system time of
// /proc/PID/stat over what it accepted; a round counts only if every answer was 2xx and accepted = answered.
// Wall rates are bounded by wrk, which shares the machine; CPU per event is the figure to trust. Medians of the rounds.

import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const option = (name, fallback) => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) : fallback);
const binary = args[0] ?? path.join(root, 'build/release/tools/penstock/penstock');
const [seconds, connections, rounds] = [option('--seconds', 3), option('--connections', 32), option('--rounds', 5)];

const journal = args.includes('--journal') ? args[args.indexOf('--journal') + 1] : undefined;
if (journal) fs.mkdirSync(journal, { recursive: true });
const secret = crypto.randomBytes(20).toString('hex');
const body = fs.readFileSync(path.join(root, 'examples/payloads/github/push.json'));
const signature = crypto.createHmac('sha256', secret).update(body).digest('hex');
const work = fs.mkdtempSync(path.join(journal ?? os.tmpdir(), 'penstock-bench-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const [port, admin] = [await freePort(), await freePort()];
fs.writeFileSync(path.join(work, 'bench.yaml'), `listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${admin} }
journal: ${journal ? `{ dir: "${path.join(work, 'data')}", retain: { bytes: 1GiB } }` : 'off'}
threads: 1
workers: 1
limits: { connections: 2000 }
sources: { github: { preset: github, secrets: [ "\${env:BENCH_SECRET}" ] } }
`);
fs.writeFileSync(path.join(work, 'push.lua'), `
wrk.method = "POST"
wrk.path = "/hooks/github"
wrk.body = io.open("${path.join(root, 'examples/payloads/github/push.json')}", "rb"):read("*a")
for name, value in pairs({ ["Content-Type"] = "application/json", ["User-Agent"] = "GitHub-Hookshot/044aadd",
    ["X-GitHub-Event"] = "push",
    ["X-GitHub-Hook-ID"] = "292430182", ["X-GitHub-Hook-Installation-Target-ID"] = "79929171",
    ["X-GitHub-Hook-Installation-Target-Type"] = "repository", ["Accept"] = "*/*",
    ["X-Hub-Signature-256"] = "sha256=${signature}" }) do wrk.headers[name] = value end
local round, sent = 0, 0
function init(arguments) round = tonumber(arguments[1]) end
function request()  -- Each has an id of its own, or it would be a duplicate.
  sent = sent + 1
  wrk.headers["X-GitHub-Delivery"] = string.format("72d3162e-cc78-%04x-81ab-%012x", round, sent)
  return wrk.format()
end
function done(summary)
  io.write(string.format("RESULT %d %d %d\\n", summary.requests, summary.duration, summary.errors.status))
end
`);

const daemon = spawn(binary, ['serve', '-c', path.join(work, 'bench.yaml'), '-q'],
  { env: { ...process.env, BENCH_SECRET: secret }, stdio: ['ignore', 'ignore', 'inherit'] });
process.on('exit', () => daemon.kill('SIGKILL'));
const ready = async () => {
  try { return (await fetch(`http://127.0.0.1:${admin}/readyz`)).ok; } catch { return false; }
};
while (!(await ready())) await sleep(20);

async function accepted() {
  const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  return Number(/^penstock_events_accepted_total\{source="github"\} (\d+)/m.exec(text)?.[1] ?? 0);
}
function cpuSeconds() {
  const fields = fs.readFileSync(`/proc/${daemon.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const results = [];
for (let round = 0; round <= rounds; ++round) { // The first warms up.
  const [before, cpu] = [await accepted(), cpuSeconds()];
  const out = execFileSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', path.join(work, 'push.lua'),
    `http://127.0.0.1:${port}`, '--', String(round)], { encoding: 'utf8' });
  const [, requests, duration_us, errors] = /RESULT (\d+) (\d+) (\d+)/.exec(out).map(Number);
  await sleep(100);
  const events = (await accepted()) - before;
  if (errors !== 0 || events < requests) throw new Error(`${errors} errors, ${requests} answered, ${events} accepted`);
  if (round > 0) results.push({ per_s: requests / (duration_us / 1e6), cpu_us: ((cpuSeconds() - cpu) / events) * 1e6 });
}
daemon.kill('SIGTERM');

const git = (...words) => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' }).trim();
console.log(JSON.stringify({
  name: `signed 7.7 KB webhook over HTTP, journal ${journal ? 'on: receipts are durable' : 'off'}`,
  connections, rounds, seconds,
  events_per_s: Math.round(median(results.map((r) => r.per_s))),
  cpu_us_per_event: Number(median(results.map((r) => r.cpu_us)).toFixed(2)),
  cpu_us_spread: [Math.min(...results.map((r) => r.cpu_us)), Math.max(...results.map((r) => r.cpu_us))].map((v) => Number(v.toFixed(2))),
  machine: `${os.cpus().length} x ${os.cpus()[0].model.trim()}, Linux ${os.release()}, load ${os.loadavg()[0].toFixed(1)}`,
  commit: git('rev-parse', '--short', 'HEAD'),
}, null, 1));
process.exit(0);
