// Every command that the pages show is run as it stands there, in a folder of its own, beside a daemon of its own.
//
// A page's folder holds penstock.yaml (examples/quickstart.yaml), push.json (a push of GitHub's) and examples/. The ports
// that pages write (8080, 8081) become free ones, and `pidof penstock` is the page's own daemon, whoever else runs one.
// `penstock serve` and `tail` run until the page ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { PENSTOCK, eventually, freePorts } from '../integration/harness/daemon.mjs';
import { get } from '../integration/harness/client.mjs';
import { ROOT, blocks, commands } from './pages.mjs';

// The most blocks that a page may excuse from being run, and the fewest commands that must be run.
const pages = {
  'README.md': { excused_max: 1, run_min: 3 },
  'docs/operations.md': { excused_max: 2, run_min: 3 },
  'docs/embedding.md': { excused_max: 1, run_min: 0 },
  'docs/reference/admin_api.md': { excused_max: 0, run_min: 1 },
  'docs/reference/command.md': { excused_max: 2, run_min: 14 },
};
const SHELLS = ['sh', 'console', 'bash', 'shell'];
const COMMAND_LIMIT_MS = 60_000;
const secrets = Object.fromEntries(['GITHUB_WEBHOOK_SECRET', 'GITLAB_TOKEN', 'BITBUCKET_SECRET', 'BITBUCKET_SERVER_SECRET',
  'ADO_PASSWORD', 'GERRIT_TOKEN'].map((name) => [name, `an-example-${name.toLowerCase().replaceAll('_', '-')}`]));

/// One page's folder, environment and background commands.
class Desk {
  static async make(t) {
    const desk = new Desk();
    desk.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'penstock-docs-'));
    [desk.ingress, desk.admin] = await freePorts(2);
    const built = path.join(desk.dir, 'build/run/tools/penstock'); // Where tools/run leaves the command.
    fs.mkdirSync(built, { recursive: true });
    fs.symlinkSync(PENSTOCK, path.join(built, 'penstock'));
    fs.writeFileSync(path.join(built, 'pidof'), '#!/bin/sh\nexec cat "$PIDFILE"\n', { mode: 0o755 });
    fs.cpSync(path.join(ROOT, 'examples'), path.join(desk.dir, 'examples'), { recursive: true });
    fs.copyFileSync(path.join(ROOT, 'examples/quickstart.yaml'), path.join(desk.dir, 'penstock.yaml'));
    fs.copyFileSync(path.join(ROOT, 'examples/payloads/github/push.json'), path.join(desk.dir, 'push.json'));
    desk.env = { ...secrets, PATH: `${built}:${process.env.PATH}`, HOME: desk.dir, LANG: 'C.UTF-8', TERM: 'dumb',
      PENSTOCK_LISTEN: `127.0.0.1:${desk.ingress}`, PENSTOCK_ADMIN_LISTEN: `127.0.0.1:${desk.admin}`,
      PENSTOCK_URL: `http://127.0.0.1:${desk.admin}`, STATE: path.join(desk.dir, '.exports'), PIDFILE: path.join(desk.dir, '.pid') };
    for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS']) if (process.env[name]) desk.env[name] = process.env[name];
    desk.running = [];
    t.after(async () => {
      await desk.end();
      fs.rmSync(desk.dir, { recursive: true, force: true });
    });
    return desk;
  }

  /// As the page writes it, but for the ports.
  here(text) {
    return text.replaceAll(/((?:localhost|127\.0\.0\.1|\[::1\]):)(8080|8081)\b/g,
      (_, host, port) => `${host.startsWith('[') ? '127.0.0.1:' : host}${port === '8080' ? this.ingress : this.admin}`);
  }

  start(text) {
    const child = spawn('bash', ['-c', `[ ! -f "$STATE" ] || . "$STATE"\n${text}`],
      { cwd: this.dir, env: this.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const command = { text, child, said: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { command.said += bytes; });
    command.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => { command.end = { code, signal }; resolve(command.end); });
    });
    return command;
  }

  /// Runs to its end; what it exports is there for the next one.
  async run({ text, status, output, where }) {
    const command = this.start(`trap 'export -p >"$STATE"' EXIT\n${this.here(text)}`);
    const timer = setTimeout(() => process.kill(-command.child.pid, 'SIGKILL'), COMMAND_LIMIT_MS);
    const end = await command.ended;
    clearTimeout(timer);
    assert.deepEqual(end, { code: status, signal: null }, `${where}: ${text}\n${command.said}`);
    for (const line of output.map((l) => l.trim()).filter((l) => l !== '' && !l.includes('…'))) {
      assert.ok(command.said.split(/\r?\n/).some((said) => said.trim() === this.here(line)),
        `${where}: ${text}\nis said to print: ${line}\nand printed: ${command.said}`);
    }
  }

  /// Starts one that goes on. A daemon takes the place of the one that runs, and is waited for.
  async go_on({ text, where }) {
    const serve = is_serve(text);
    if (serve) await this.end((command) => is_serve(command.text));
    const simple = this.here(text.replace(/\s+&\s*$/, ''));
    const command = this.start(/[|;&<>]/.test(simple.replace(/#.*/, '').replaceAll(/'[^']*'|"[^"]*"/g, '')) ? simple : `exec ${simple}`);
    this.running.push(command);
    if (!serve) return;
    fs.writeFileSync(this.env.PIDFILE, `${command.child.pid}`);
    await eventually(`${where}: ${text}: ready`, async () => {
      assert.equal(command.end, undefined, `${where}: ${text}\nended: ${JSON.stringify(command.end)}\n${command.said}`);
      return (await get(`http://127.0.0.1:${this.admin}/readyz`).catch(() => ({ status: 0 }))).status === 200;
    }, 30_000);
  }

  /// Ends what goes on, the youngest first, each as Ctrl-C or a service manager would.
  async end(which = () => true) {
    for (const command of this.running.filter(which).reverse()) {
      const early = command.end;
      if (!early) process.kill(-command.child.pid, 'SIGTERM');
      const timer = setTimeout(() => process.kill(-command.child.pid, 'SIGKILL'), 20_000);
      const { code, signal } = await command.ended;
      clearTimeout(timer);
      const good = code === 0 || (!early && !is_serve(command.text) && (code === 143 || signal === 'SIGTERM'));
      assert.ok(good, `${command.text}\nended with ${code ?? signal}\n${command.said}`);
    }
    this.running = this.running.filter((command) => !which(command));
  }
}

const is_serve = (text) => /^(?:exec )?(?:\S+\/)?penstock serve\b(?!.*\s(-h|--help)\b)/.test(text);
const goes_on = (text) => is_serve(text) || /^(?:\S+\/)?penstock tail\b(?!.*\s(-h|--help)\b)/.test(text) || /[^&]&\s*$/.test(text);

for (const [page, { excused_max, run_min }] of Object.entries(pages)) {
  test(`${page}: every command works as it is shown`, async (t) => {
    const shown = blocks(page).filter((block) => SHELLS.includes(block.language));
    const excused = shown.filter((block) => block.no_run);
    for (const block of excused) assert.match(block.reason, /\w+ \w+/, `${page}:${block.line}: no-run wants its reason`);
    assert.ok(excused.length <= excused_max, `${page}: ${excused.length} blocks are not run; at most ${excused_max} may`);
    const all = shown.filter((block) => !block.no_run).flatMap(commands);
    assert.ok(all.length >= run_min, `${page}: only ${all.length} commands are run; at least ${run_min} should`);

    const desk = await Desk.make(t);
    await desk.go_on({ text: 'penstock serve -c penstock.yaml', where: 'before the page' });
    for (const command of all) await (goes_on(command.text) ? desk.go_on(command) : desk.run(command));
    await desk.end();
  });
}

test('every page under docs that shows commands is one of these', () => {
  const found = fs.readdirSync(path.join(ROOT, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`).filter((page) => blocks(page).some((block) => SHELLS.includes(block.language)));
  assert.ok(found.length >= 3, `${found}`);
  for (const page of found) assert.ok(page in pages, `${page} shows commands, and none of them is run`);
});

test('every configuration that a page shows is one that check takes', async (t) => {
  const desk = await Desk.make(t);
  const shown = ['README.md', ...Object.keys(pages), 'docs/reference/configuration.md'].flatMap(blocks)
    .filter((block) => block.language === 'yaml' && !block.no_run);
  assert.ok(shown.length >= 1);
  for (const block of shown) {
    fs.writeFileSync(path.join(desk.dir, 'shown.yaml'), `${block.lines.join('\n')}\n`);
    await desk.run({ text: 'penstock check shown.yaml --no-environment', status: 0, output: [], where: `${block.page}:${block.line}` });
  }
});
