// What the tests of the pages share: a page's fenced blocks, the commands in them, and its tables.
//
//     for (const block of blocks('README.md')) if (block.language === 'sh' && !block.no_run) commands(block)
//
// A block that a test cannot run says so behind its language, with the reason: ```sh no-run needs root

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = process.env.PENSTOCK_ROOT ?? assert.fail('PENSTOCK_ROOT must name the sources; run these tests by ctest');

export const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');

/// { language, no_run, reason, lines, line }: `line` is that of the block's first line in the page.
export function blocks(page) {
  const found = [];
  let block;
  read(page).split('\n').forEach((text, index) => {
    const fence = /^ {0,3}```(.*)$/.exec(text);
    if (!fence) { block?.lines.push(text); return; }
    if (block) { found.push(block); block = undefined; return; }
    const [language, mark, ...reason] = fence[1].trim().split(/\s+/);
    assert.ok(mark === undefined || mark === 'no-run', `${page}:${index + 1}: what is '${mark}'? Only no-run is known`);
    block = { page, language, no_run: mark === 'no-run', reason: reason.join(' '), lines: [], line: index + 2 };
  });
  assert.equal(block, undefined, `${page}: a block does not end`);
  return found;
}

/// { text, status, output, where }: each command of a block, the status its comment promises ("# exit 78"), and in a
/// `console` block, where commands stand behind `$ `, the lines that it is said to print.
export function commands(block) {
  const found = [];
  const console = block.language === 'console';
  for (let i = 0; i < block.lines.length; ++i) {
    const where = `${block.page}:${block.line + i}`;
    let text = block.lines[i];
    if (console && !text.startsWith('$ ')) { found.at(-1)?.output.push(text); continue; }
    if (console) text = text.slice(2);
    while (text.endsWith('\\')) text = `${text.slice(0, -1)}${block.lines[++i].replace(/^> /, '')}`;
    const heredoc = /<<-?\s*'?(\w+)'?/.exec(text);
    if (heredoc) do text += `\n${block.lines[++i]}`; while (block.lines[i].trim() !== heredoc[1]);
    if (/^\s*(#|$)/.test(text)) continue;
    found.push({ text, status: Number(/#.*\bexit (\d+)/.exec(text)?.[1] ?? 0), output: [], where });
  }
  return found;
}

/// The cells of every table row behind the heading, up to the next one of the same rank; header and rule left out.
export function rows(page, heading) {
  const lines = read(page).split('\n');
  const rank = /^#+/.exec(heading)[0];
  const begin = lines.indexOf(heading);
  assert.notEqual(begin, -1, `${page} has no '${heading}'`);
  const behind = lines.slice(begin + 1);
  const end = behind.findIndex((line) => /^#+ /.test(line) && /^#+/.exec(line)[0].length <= rank.length);
  const table = behind.slice(0, end === -1 ? undefined : end).filter((line) => line.startsWith('|'));
  return table
    .filter((line, i) => !/^\|[-| ]+\|$/.test(line) && !/^\|[-| ]+\|$/.test(table[i + 1] ?? ''))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

/// What stands in backticks.
export const quoted = (text) => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
