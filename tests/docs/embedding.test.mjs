// What docs/embedding.md shows of CMake, and lists of programs, headers and components, is what tests/install really uses.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { ROOT, blocks, quoted, read, rows } from './pages.mjs';

const PAGE = 'docs/embedding.md';

test('each line of CMake is a line of a project that tests/install builds', () => {
  const projects = ['examples/embed/CMakeLists.txt', 'tests/install/consumer/CMakeLists.txt',
    'tests/install/subproject/CMakeLists.txt', 'tests/install/components.cmake'].map(read);
  // A stranger's project has another name, and asks for what it needs.
  const known = (line) => [line, line.replace('(app ', '(embed '), line.replace('REQUIRED COMPONENTS', 'REQUIRED OPTIONAL_COMPONENTS'),
    line.replace(' REQUIRED)', ' REQUIRED OPTIONAL_COMPONENTS webhook_in streams admin)')];
  const shown = blocks(PAGE).filter((block) => block.language === 'cmake').flatMap((block) => block.lines).filter((line) => line.trim());
  assert.ok(shown.length >= 7, `only ${shown.length} lines`);
  for (const line of shown) {
    assert.ok(known(line.trim()).some((form) => projects.some((text) => text.includes(form))), `no tested project has: ${line}`);
  }
});

test('each program of examples/embed is listed', () => {
  const listed = rows(PAGE, '## Programs to begin with').map(([cell]) => /\[(.*?)\]/.exec(cell)[1]);
  const there = fs.readdirSync(path.join(ROOT, 'examples/embed')).filter((name) => name.endsWith('.cpp'));
  assert.deepEqual(listed.sort(), there.sort());
});

test('each component is listed with the headers that it installs', () => {
  const listed = rows(PAGE, '## Components').map(([name, headers]) => [quoted(name)[0], quoted(headers).map((header) => path.basename(header))]);
  const installed = fs.readdirSync(path.join(ROOT, 'adapters'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [name, /HEADERS ([^\n]*)/.exec(read(`adapters/${name}/CMakeLists.txt`))?.[1].trim().split(/\s+/) ?? []]);
  const plain = (list) => Object.fromEntries(list.map(([name, headers]) => [name, headers.filter((h) => h !== 'process.hpp').sort()]));
  assert.deepEqual(plain(listed), plain(installed)); // process.hpp comes with metrics.hpp, and is of no use alone.
});
