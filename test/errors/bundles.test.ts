/** Damaged, edited and foreign bundles: each is refused as data, naming file and field, before a report is made of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeBundle } from '../../src/host/files.ts';
import { readBundle } from '../../src/host/read-bundle.ts';
import { seriesParquet } from '../../src/reports/parquet.ts';
import { syntheticBundle } from '../builders/bundle.ts';
import { refuses } from './expect.ts';

const bundle = syntheticBundle({ clusters: 2, buckets: 4 });
let folder: string;
let out: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-damaged-'));
  out = join(folder, 'out');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  rmSync(out, { recursive: true, force: true });
  const content = seriesParquet(bundle.series);
  await writeBundle(out, bundle, [{ name: 'series.parquet', content }]);
});

it('accepts the bundle as it was written, so that each refusal below has one cause', async () => {
  expect(await readBundle(out)).toEqual(bundle);
});

type Name = 'manifest.json' | 'result.json' | 'distributions.json';
const AGAIN = /run the scenario again/;
const NAMES: readonly Name[] = ['manifest.json', 'result.json', 'distributions.json'];

describe.each(NAMES)('%s', (name) => {
  // biome-ignore format: a table reads by lines
  const contents: readonly (readonly [string, string | Uint8Array, string, RegExp])[] = [
    ['nothing', '', ' ', /complete JSON.*run the scenario again/],
    ['half of itself', '{"schema": "orr', ' ', /complete JSON/],
    ['a list', '[]', ' schema: ', AGAIN],
    ['null', 'null', ' schema: ', AGAIN],
    ['another schema', '{"schema": "orrery.other/9"}', ' schema: ', AGAIN],
    ['only its schema', `{"schema": "orrery.${name.slice(0, -5)}/1"}`, ' ', AGAIN],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), ' ', /UTF-16/],
    ['Latin-1', Buffer.from('{"a": "ä"}', 'latin1'), ':1:8 ', /byte 0xE4/],
    ['gzip', gzipSync('{}'), ' ', /gunzip/],
    ['NaN', '{"schema": NaN}', ' ', /complete JSON/],
  ];
  it.each(contents)('that holds %s is refused', async (_, content, place, says) => {
    writeFileSync(join(out, name), content);
    await refuses(() => readBundle(out), { code: 3, place: `${join(out, name)}${place}`, says });
  });
  it('that is missing or a folder is refused', async () => {
    rmSync(join(out, name));
    const place = `got ${join(out, name)}, `;
    await refuses(() => readBundle(out), { code: 3, place, says: /no such file/ });
    mkdirSync(join(out, name));
    await refuses(() => readBundle(out), { code: 3, place, says: /this is a folder/ });
  });
});

// biome-ignore format: a table reads by lines
const EDITS: readonly (readonly [string, Name, readonly (string | number)[], unknown, string, RegExp])[] = [
  ['metrics that are a map', 'result.json', ['metrics'], {}, 'metrics', /a list/],
  ['a metric that is null', 'result.json', ['metrics', 0], null, 'metrics[0]', /an object/],
  ['a metric without labels', 'result.json', ['metrics', 1, 'labels'], undefined, 'metrics[1].labels', /an object/],
  ['a label that is a number', 'result.json', ['metrics', 0, 'labels'], { cluster: 5 }, 'metrics[0].labels.cluster', /a text/],
  ['a mean that is a text', 'result.json', ['metrics', 0, 'mean'], '5', 'metrics[0].mean', /a number or null/],
  ['quantiles that are a list', 'result.json', ['metrics', 0, 'quantiles'], [], 'metrics[0].quantiles', /an object/],
  ['an interval without ends', 'result.json', ['metrics', 0, 'ci'], { level: 0.95 }, 'metrics[0].ci.mean', /a list/],
  ['thresholds that are null', 'result.json', ['thresholds'], null, 'thresholds', /a list/],
  ['a verdict that is a number', 'result.json', ['thresholds', 0, 'verdict'], 1, 'thresholds[0].verdict', /a text/],
  ['no conservation', 'result.json', ['conservation'], undefined, 'conservation', /an object/],
  ['costs that are texts', 'result.json', ['conservation', 'cost', 'idle'], '$5', 'conservation.cost.idle', /a number/],
  ['a horizon that is a text', 'result.json', ['horizonSeconds'], '1d', 'horizonSeconds', /a number/],
  ['a seed that is null', 'result.json', ['seed'], null, 'seed', /a number/],
  ['a flag that is a word', 'result.json', ['complete'], 'yes', 'complete', /true or false/],
  ['no fleet', 'manifest.json', ['fleet'], null, 'fleet', /an object/],
  ['policies that are a text', 'manifest.json', ['policies'], 'x', 'policies', /a list/],
  ['an input without hash', 'manifest.json', ['inputs'], [{ name: 'x' }], 'inputs[0].sha256', /a text/],
  ['buckets of a trajectory that are numbers', 'manifest.json', ['trajectories'], [{ cluster: 'c', buckets: [1] }], 'trajectories[0].buckets[0]', /a text/],
  ['entries that are a map', 'distributions.json', ['entries'], {}, 'entries', /a list/],
  ['bins that are texts', 'distributions.json', ['entries', 0, 'bins'], ['1'], 'entries[0].bins[0]', /a number/],
  ['an entry without count', 'distributions.json', ['entries', 0, 'n'], undefined, 'entries[0].n', /a number/],
];

describe('a bundle', () => {
  it.each(EDITS)('with %s is refused at the field', async (_, name, path, value, field, says) => {
    const file = join(out, name);
    const content = JSON.parse(readFileSync(file, 'utf8'));
    let target = content;
    for (const step of path.slice(0, -1)) target = target[step];
    target[path.at(-1)!] = value;
    writeFileSync(file, JSON.stringify(content));
    const place = `${file} ${field}: `;
    await refuses(() => readBundle(out), {
      code: 3,
      place,
      says: new RegExp(`${says.source}.*again`),
    });
  });

  it('whose series are missing, cut, or of another kind is refused', async () => {
    const file = join(out, 'series.parquet');
    const whole = readFileSync(file);
    const contents = [
      Buffer.alloc(0),
      whole.subarray(0, whole.length >> 1),
      Buffer.from('PAR1PAR1'),
    ];
    for (const content of contents) {
      writeFileSync(file, content);
      await refuses(() => readBundle(out), { code: 3, place: `${file} `, says: /Parquet/ });
    }
    rmSync(file);
    await refuses(() => readBundle(out), { code: 3, place: `got ${file}`, says: /no such file/ });
  });

  it('that is a file, or not there, is refused', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await refuses(() => readBundle(file), {
      code: 3,
      place: `got ${file}`,
      says: /is a file, not a folder/,
    });
    const none = join(folder, 'none');
    await refuses(() => readBundle(none), { code: 3, place: `got ${none}`, says: /no such file/ });
  });
});
