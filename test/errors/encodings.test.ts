/** Scenarios, parts and catalogues that are not text, not UTF-8, or not where they should be: read from real files. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../../src/host/files.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { scenarioText } from '../builders/scenario-text.ts';
import { refuses } from './expect.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-encodings-'));
  mkdirSync(join(folder, 'sub'));
  symlinkSync('loop-b.yaml', join(folder, 'loop-a.yaml'));
  symlinkSync('loop-a.yaml', join(folder, 'loop-b.yaml'));
  writeFileSync(join(folder, 'sub/up.yaml'), 'imports: [../sub/up.yaml]\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = scenarioText();
const asked = (text: string) => scenarioText({ 2: `name: base\nquestion: ${text}` });
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const main = () => join(folder, 'main.yaml');

function load(content: string | Uint8Array, part?: string | Uint8Array) {
  writeFileSync(main(), content);
  if (part !== undefined) writeFileSync(join(folder, 'part.yaml'), part);
  return loadScenario({ path: main(), readText, env: {} });
}

/** `[title, content, place after the name of the file, expectation and remedy]`. */
type Case = readonly [string, string | Uint8Array, string, RegExp];

// biome-ignore format: a table reads by lines
const CONTENTS: readonly Case[] = [
  ['UTF-16 with a mark', utf16(`\ufeff${BASE}`), ' ', /this is UTF-16; save it as UTF-8/],
  ['UTF-16 without a mark', utf16(BASE), ' ', /UTF-16; .*iconv -f UTF-16LE/],
  ['UTF-16 of the other order', utf16(BASE).swap16(), ' ', /UTF-16; .*iconv -f UTF-16BE/],
  ['UTF-16 of the other order with a mark', utf16(`\ufeff${BASE}`).swap16(), ' ', /this is UTF-16/],
  ['UTF-32', Buffer.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), ' ', /this is UTF-32; save it as UTF-8/],
  // "Wie h" is 5 characters after "question: ": the byte of ä is the 16th of line 3.
  ['Latin-1', Buffer.from(asked('Wie hält es?'), 'latin1'), ':3:16 ', /byte 0xE4 at line 3 .*WINDOWS-1252/],
  ['Windows-1252 quotes', Buffer.from(asked('it\x92s'), 'latin1'), ':3:13 ', /byte 0x92 at line 3/],
  ['an overlong NUL', Buffer.concat([Buffer.from('# '), Buffer.of(0xc0, 0x80)]), ':1:3 ', /byte 0xC0/],
  ['a surrogate in bytes', Buffer.concat([Buffer.from('# '), Buffer.of(0xed, 0xa0, 0x80)]), ':1:3 ', /byte 0xED/],
  ['a character that is cut', Buffer.concat([Buffer.from('# '), Buffer.of(0xe2, 0x82)]), ':1:3 ', /is cut; save/],
  ['a NUL in a name', BASE.replace('base', 'ba\0se'), ':2:9 ', /without control.*a NUL; save/],
  ['a NUL in a comment', `# \0\n${BASE}`, ':1:3 ', /a NUL/],
  ['NULs at the end, as of a crash', `${BASE}\0\0\0`, ':32:1 ', /a NUL/],
  ['nothing but NULs', '\0\0\0\0', ':1:1 ', /a NUL/],
  ['a backspace', asked('a\bb'), ':3:12 ', /remove U\+0008/],
  ['an escape sequence of a terminal', asked('\x1b[31mred'), ':3:11 ', /remove U\+001B/],
  ['an escaped escape', asked('"\\e[31m"'), ':3:11 question: ', /without control.*escapes/],
  ['an escaped NUL', asked('"\\0"'), ':3:11 question: ', /without control/],
  ['half a surrogate pair', asked('"\\ud800"'), ':3:11 question: ', /without control/],
  ['a name that turns direction', BASE.replace('name: base', 'name: "a\u202eb"'), ':2:7 name: ', /a name of at most 63/],
  ['gzip', gzipSync(BASE), ' ', /gzip; unpack it with gunzip/],
  ['zstd', Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 1), ' ', /unzstd/],
  ['zip', Buffer.of(0x50, 0x4b, 3, 4, 1), ' ', /unzip/],
  ['a picture', Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ':1:1 ', /byte 0x89/],
  ['line ends of old Macs', BASE.replaceAll('\n', '\r'), ':1:9 ', /valid YAML/],
  ['spaces that do not break', BASE.replace('  machineTypes', '\u00a0\u00a0machineTypes'), ':7:1 ', /valid YAML/],
  ['curly quotes', BASE.replace('"$0.10/h"', '“$0.10/h”'), ':6:59 fleet.machineTypes[0].prices.owned: ', /a price such as/],
  ['an empty file', '', ':1:1 ', /a scenario: a map with/],
  ['JSON that is cut', '{"name": "x", "horizon":', ':1:25 ', /valid YAML/],
  ['a page of HTML', '<!doctype html>\n<html></html>\n', ':1:1 ', /a scenario: a map/],
];

describe('a scenario file', () => {
  it.each(CONTENTS)('with %s is refused at its place', async (_, content, place, says) => {
    await refuses(() => load(content), { code: 2, place: `${main()}${place}`, says });
  });

  it('may have a byte order mark and CRLF', () => {
    expect(load(`\ufeff${BASE.replaceAll('\n', '\r\n')}`).scenario.name).toBe('base');
  });

  // biome-ignore format: a table reads by lines
  it.each([
    ['is missing', 'none.yaml', /no such file/],
    ['is a folder', 'sub', /this is a folder/],
    ['is a link to itself', 'loop-a.yaml', /a loop of links/],
    ['lies below a file', 'part.yaml/x.yaml', /a part of the path is a file/],
    ['has a name of 300 letters', `${'x'.repeat(300)}.yaml`, /the path is too long/],
  ] as const)('that %s is refused', async (_, name, says) => {
    writeFileSync(join(folder, 'part.yaml'), '');
    const path = join(folder, name);
    await refuses(() => loadScenario({ path, readText, env: {} }), { code: 2, place: path, says });
  });
});

// biome-ignore format: a table reads by lines
const IMPORTS: readonly Case[] = [
  ['that is missing', '[none.yaml]', ':4:11 imports[0]: ', /a file that exists.*relative/],
  ['of itself', '[main.yaml]', ':4:11 imports[0]: ', /do not go round.*main.yaml imports/],
  ['of itself by another way', '[sub/../main.yaml]', ':4:11 imports[0]: ', /do not go round/],
  ['that is a folder', '[sub]', ':4:11 imports[0]: ', /can be read.*this is a folder/],
  ['that is this folder', '["."]', ':4:11 imports[0]: ', /this is a folder/],
  ['without a name', '[""]', ':4:11 imports[0]: ', /this is a folder/],
  ['from the network', '["https://example.org/a.yaml"]', ':4:11 imports[0]: ', /a file that exists/],
  ['of a home folder', '["~/a.yaml"]', ':4:11 imports[0]: ', /a file that exists/],
  ['with a NUL', '["a\\0b"]', ':4:11 imports[0]: ', /without control/],
  ['that is a link to itself', '[loop-a.yaml]', ':4:11 imports[0]: ', /a loop of links/],
  ['of 5,000 letters', `["${'x'.repeat(200)}${'/x'.repeat(2400)}"]`, ':4:11 imports[0]: ', /exists|too long/],
  ['that is a number', '[5]', ':4:11 imports[0]: ', /the path of a file/],
  ['that is no list', 'part.yaml', ':4:10 imports: ', /a list of files/],
  ['that is a map', '{a: b}', ':4:10 imports: ', /a list of files/],
];

describe('an import', () => {
  it.each(IMPORTS)('%s is refused at its line', async (_, list, place, says) => {
    const text = scenarioText({ 3: `horizon: 1d\nimports: ${list}` });
    await refuses(() => load(text), { code: 2, place: `${main()}${place}`, says });
  });

  // biome-ignore format: a table reads by lines
  it.each([
    ['UTF-16', utf16('\ufeffworkloads: []\n'), 'main.yaml:4:11 imports[0]: ', /can be read.*UTF-16/],
    ['gzip', gzipSync('workloads: []'), 'main.yaml:4:11 imports[0]: ', /can be read.*gunzip/],
    ['a NUL', 'workloads:\0', 'part.yaml:1:11 ', /a NUL/],
    ['a list', '- a\n', 'part.yaml:1:1 ', /a map of scenario fields.*such as workloads/],
    ['nothing', '', 'part.yaml:1:1 ', /a map of scenario fields/],
    ['broken YAML', 'workloads: [\n', 'part.yaml:2:1 ', /valid YAML/],
    ['an alias of another file', 'failures: *base\n', 'part.yaml:1:11 failures: ', /an alias whose anchor/],
    ['a circle below', 'imports: [sub/up.yaml]\n', 'sub/up.yaml:1:11 imports[0]: ', /do not go round/],
  ] as const)('of a part that holds %s is refused', async (_, part, place, says) => {
    const text = scenarioText({ 3: 'horizon: 1d\nimports: [part.yaml]' });
    await refuses(() => load(text, part), { code: 2, place: join(folder, place), says });
  });
});

describe('a catalogue', () => {
  const head = 'catalog: {name: p, date: 2026-07-20, source: s, currency: USD}\n';
  // biome-ignore format: a table reads by lines
  it.each([
    ['UTF-16', utf16(`\ufeff${head}`), 'main.yaml:5:12 fleet.catalog: ', /UTF-16/],
    ['Latin-1', Buffer.from(`# hä\n${head}`, 'latin1'), 'main.yaml:5:12 fleet.catalog: ', /byte 0xE4/],
    ['no head', 'machineTypes: []\n', 'part.yaml:1:1 catalog: ', /add catalog/],
    ['a list', '- a\n', 'part.yaml:1:1 ', /a catalogue/],
    ['a date that is none', head.replace('2026-07-20', 'soon'), 'part.yaml:1:26 catalog.date: ', /date/],
    ['another currency', head.replace('USD', 'pears'), 'part.yaml:1:59 catalog.currency: ', /USD/],
    ['a negative price', `${head}machineTypes:\n  - {name: x, cpu: 1, memory: 1Gi, prices: {spot: "$-1/h"}}\n`, 'part.yaml:3:51 machineTypes[0].prices.spot: ', /negative|a price/],
    ['an unknown key', `${head}machines: []\n`, 'part.yaml:2:1 machines: ', /machineTypes/],
    ['a type twice', `${head}machineTypes:\n  - {name: x, cpu: 1, memory: 1Gi}\n  - {name: x, cpu: 1, memory: 1Gi}\n`, 'part.yaml:4:12 machineTypes[1].name: ', /differ within a file/],
    ['an alias bomb', `${head}${bomb()}`, 'part.yaml:6:8 e[0]', /at most 10000 values/],
  ] as const)('with %s is refused as data', async (_, part, place, says) => {
    const text = scenarioText({ 4: 'fleet:\n  catalog: part.yaml' });
    await refuses(() => load(text, part), { code: 3, place: join(folder, place), says });
  });
});

/** Each list holds the one before nine times: 9^6 values. */
function bomb(): string {
  const list = (name: string, item: string) => `${name}: &${name} [${Array(9).fill(item)}]\n`;
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  return names.map((name, i) => list(name, i === 0 ? 'x' : `*${names[i - 1]}`)).join('');
}
