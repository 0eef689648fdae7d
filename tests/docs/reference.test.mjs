// docs/reference against the program: metrics against a real /metrics, keys against the JSON Schema (which tests/tools
// holds against the reader's own table), reasons against the engine's header.

import assert from 'node:assert/strict';
import test from 'node:test';

import { get, post } from '../integration/harness/client.mjs';
import { Daemon, eventually } from '../integration/harness/daemon.mjs';
import { blocks, quoted, read, rows } from './pages.mjs';

const sorted = (names) => [...new Set(names)].sort();

/// { name: { type, labels } } of a page of Prometheus text.
function families(text) {
  const found = {};
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type) found[type[1]] = { type: type[2], labels: undefined };
    const sample = /^([a-z_]+)(?:\{(.*)\})? /.exec(line);
    if (!sample) continue;
    const name = found[sample[1]] ? sample[1] : sample[1].replace(/_(bucket|sum|count)$/, '');
    const labels = [...(sample[2] ?? '').matchAll(/(\w+)="/g)].map((match) => match[1]).filter((label) => label !== 'le');
    found[name].labels = sorted([...(found[name].labels ?? []), ...labels]);
  }
  return found;
}

test('metrics.md names exactly what /metrics shows, with its types and labels', async (t) => {
  const daemon = await Daemon.start(t, { journal: '{ dir: data }',
    sources: '  open: { verify: { kind: none } }\n  shut: { preset: github, secrets: [ "a-secret" ] }' });
  const reader = new AbortController();
  t.after(() => reader.abort());
  const stream = fetch(`${daemon.admin}/v1/stream?topic=open`, { signal: reader.signal });
  stream.then((answer) => answer.text()).catch(() => {});
  await stream;
  assert.equal((await post(`${daemon.hooks}/hooks/open`, '{}')).status, 200);
  assert.equal((await post(`${daemon.hooks}/hooks/shut`, '{}')).status, 401);
  const { text } = await eventually('an event is delivered', async () => {
    const answer = await get(`${daemon.admin}/metrics`);
    return /^penstock_deliveries_total\{[^}]*outcome="ok"[^}]*\} 1$/m.test(answer.text) && answer;
  });
  const shown = families(text);

  const later = rows('docs/reference/metrics.md', '### Not there yet').flatMap(([names]) => quoted(names));
  const written = {};
  for (const [names, type, labels] of rows('docs/reference/metrics.md', '# Metrics').filter((row) => row.length === 4)) {
    for (const name of quoted(names)) written[name] = { type, labels: sorted(labels.split(', ').filter(Boolean)) };
  }
  assert.deepEqual(sorted(Object.keys(shown)), sorted(Object.keys(written)));
  for (const name of later) assert.equal(shown[name], undefined, `${name} is there already`);
  for (const [name, { type, labels }] of Object.entries(written)) {
    if (type !== '') assert.equal(shown[name].type, type, name);
    assert.deepEqual(shown[name].labels, labels, `${name}: its labels`);
  }
});

/// The keys of an object and of what is in it; of a list those of its first element. Keys that are names are left out.
function shape(value, key) {
  if (Array.isArray(value)) return value.length ? [shape(value[0], key)] : [];
  if (value === null || typeof value !== 'object') return typeof value;
  if (['refused', 'answers_by_status'].includes(key)) return 'by name';
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, shape(value[name], name)]));
}

test('admin_api.md shows /v1/stats as it is', async (t) => {
  const daemon = await Daemon.start(t, { sources: '  open: { verify: { kind: none } }' });
  const reader = new AbortController();
  t.after(() => reader.abort());
  (await fetch(`${daemon.admin}/v1/stream?topic=open`, { signal: reader.signal })).text().catch(() => {});
  assert.equal((await post(`${daemon.hooks}/hooks/open`, '{}')).status, 200);
  const shown = blocks('docs/reference/admin_api.md').filter((block) => block.language === 'json');
  assert.equal(shown.length, 1);
  assert.deepEqual(shape(JSON.parse(shown[0].lines.join('\n'))), shape((await get(`${daemon.admin}/v1/stats`)).json()));
});

test('metrics.md explains every reason of a refusal, and no other', () => {
  const text = read('engine/include/penstock/publisher.hpp');
  const body = /enum class Refusal[^{]*\{([^}]*)\}/.exec(text)[1].replaceAll(/\/\/.*/g, '');
  const reasons = body.split(',').map((name) => name.trim()).filter(Boolean);
  assert.ok(reasons.length >= 10, body);
  const written = rows('docs/reference/metrics.md', '## Reasons').flatMap(([name]) => quoted(name));
  assert.deepEqual(sorted(written), sorted(reasons));
});

const schema = JSON.parse(read('docs/reference/penstock.schema.json'));

/// Keys of a section of the schema: [built, not built].
function keys(section) {
  const properties = Object.entries((section ? schema.$defs[section] : schema).properties);
  return [properties.filter(([, rule]) => !rule.not), properties.filter(([, rule]) => rule.not)]
    .map((list) => list.map(([name]) => name));
}

/// `a.b`, `.c` means a.b and a.c.
function paths(cell) {
  let last = '';
  return quoted(cell).map((name) => {
    last = name.startsWith('.') ? last.replace(/\.[^.]*$/, name) : name;
    return last;
  });
}

test('configuration.md has a row for every key of the file, and for no other', () => {
  const sections = { admin: 'admin', 'admin.tokens': 'tokens', journal: 'journal', 'journal.retain': 'retain', limits: 'limits', log: 'log' };
  // `journal` is a section, or `off`.
  const wanted = keys('')[0].filter((name) => (!(name in sections) && name !== 'sources') || name === 'journal');
  for (const [place, section] of Object.entries(sections)) {
    wanted.push(...keys(section)[0].map((name) => `${place}.${name}`).filter((name) => !(name in sections)));
  }
  const written = rows('docs/reference/configuration.md', '## Keys').flatMap(([cell]) => paths(cell));
  assert.deepEqual(sorted(written), sorted(wanted));
});

test('configuration.md has a row for every key of a source and of its verifier, and for no other', () => {
  const table = rows('docs/reference/configuration.md', '## Sources');
  const of_source = table.filter(([, , says]) => says !== undefined).flatMap(([cell]) => paths(cell));
  const kinds = ['hmac', 'token', 'basic', 'bearer', 'path-token', 'none'];
  const wanted = keys('source')[0].filter((name) => name !== 'limits')
    .concat(keys('source_limits')[0].map((name) => `limits.${name}`));
  assert.deepEqual(sorted(of_source.filter((name) => !kinds.includes(name))), sorted(wanted));
  assert.deepEqual(sorted(of_source.filter((name) => kinds.includes(name))), sorted(kinds));

  const of_verifier = table.filter(([cell]) => kinds.includes(quoted(cell)[0]))
    .flatMap(([, cell]) => quoted(cell.replaceAll(/\([^)]*\)/g, '')).map((name) => name.replace(/:.*/, '')));
  assert.deepEqual(sorted([...of_verifier, 'kind']), sorted(keys('verify')[0]));
});

test('configuration.md tells by name what is not built yet', () => {
  const rule = /- What is known and not built yet[\s\S]*?(?=\n- )/.exec(read('docs/reference/configuration.md'))[0];
  for (const section of ['', 'admin', 'tokens', 'journal', 'retain', 'limits', 'log', 'source', 'verify', 'dedup', 'source_limits']) {
    const [built, later] = keys(section);
    for (const name of later) assert.ok(quoted(rule).includes(name), `${name} is refused, and not told`);
    for (const name of built) {
      if (section !== '' && section !== 'source') continue; // Names of a verifier's keys are values elsewhere.
      assert.ok(!new RegExp(`\`${name}\`(?! other than| the keys)`).test(rule), `${name} works, and is told to be refused`);
    }
  }
});
