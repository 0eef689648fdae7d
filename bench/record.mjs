#!/usr/bin/env node
// Runs the micro-benchmarks and appends what they say to bench/history.tsv: a line a benchmark, with machine and commit.
//
//     node bench/record.mjs build/release [--filter REGEX] [--repetitions 5] [--note TEXT] [--dry-run]
//
// Medians of the repetitions; CPU time is the thread's that publishes or reads, real time includes waiting for others.
// Record on a quiet machine only: the load is written beside each figure. Fails if a benchmark's answer was wrong.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [build, ...rest] = process.argv.slice(2);
const option = (name, fallback) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : fallback);
if (!build || build.startsWith('-')) {
  console.error('use: node bench/record.mjs BUILD_DIR [--filter REGEX] [--repetitions 5] [--note TEXT] [--dry-run]');
  process.exit(2);
}

function run(program) {
  const load = os.loadavg()[0].toFixed(1);
  const text = execFileSync(path.join(build, 'bench', program), [
    '--benchmark_format=json', '--benchmark_report_aggregates_only=true',
    `--benchmark_repetitions=${option('--repetitions', '5')}`, `--benchmark_filter=${option('--filter', '.')}`,
  ], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });
  if (text.trim() === '') return []; // Nothing of it matches the filter.
  const rows = JSON.parse(text).benchmarks;
  const wrong = rows.find((row) => row.error_occurred);
  if (wrong) throw new Error(`${wrong.name}: ${wrong.error_message}`);
  return rows.filter((row) => row.aggregate_name === 'median').map((row) => ({ ...row, load }));
}

const git = (...words) => execFileSync('git', ['-C', here, ...words], { encoding: 'utf8' }).trim();
const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+';
const common = [new Date().toISOString().slice(0, 10), git('rev-parse', '--short', 'HEAD') + changed];
const machine = `${os.cpus().length} x ${os.cpus()[0].model.trim()}, Linux ${os.release()}`;
const nanoseconds = (value, unit) => (value * { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[unit]).toPrecision(4);

const programs = fs.readdirSync(path.join(build, 'bench')).filter((name) => name.endsWith('_bench'));
const lines = programs.sort().flatMap(run).map((row) => [
  ...common, row.run_name, nanoseconds(row.cpu_time, row.time_unit), nanoseconds(row.real_time, row.time_unit),
  row.load, machine, option('--note', ''),
].join('\t'));
console.log(lines.join('\n'));
if (!rest.includes('--dry-run')) fs.appendFileSync(path.join(here, 'history.tsv'), lines.map((line) => `${line}\n`).join(''));
