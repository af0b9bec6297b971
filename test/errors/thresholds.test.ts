/** Malformed thresholds as the command reads them: with file, line, path and character. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { readScenario } from '../../src/cli/inputs.ts';
import { scenarioText } from '../builders/scenario-text.ts';
import { refuses } from './expect.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-thresholds-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `[title, entry below thresholds, path below thresholds, expectation and remedy]`. */
type Case = readonly [string, string, string, RegExp];

// biome-ignore format: a table reads by lines
const CASES: readonly Case[] = [
  ['an unknown metric', 'pod_wait_second: ["p(99) < 1s"]', 'pod_wait_second', /catalogue.*did you mean pod_wait_seconds/],
  ['a metric far from any', 'speed: ["max < 1"]', 'speed', /orrery metrics lists them/],
  ['a metric of JavaScript', 'toString: ["max < 1"]', 'toString', /a metric of the catalogue/],
  ['an empty expression', 'pods_pending: [""]', 'pods_pending', /./],
  ['a number', 'pods_pending: [5]', 'pods_pending', /threshold/],
  ['nothing', 'pods_pending:', 'pods_pending', /threshold/],
  ['an unknown key', 'pods_pending: [{exp: "max < 5"}]', 'pods_pending', /expr/],
  ['an open brace', "'pods_pending{cluster=\"a\"': [\"max < 5\"]", 'pods_pending', /"," or "}" at character/],
  ['a label without value', "'pods_pending{cluster}': [\"max < 5\"]", 'pods_pending', /one of = != =~ !~ at character/],
  ['a value without quotes', "'pods_pending{cluster=a}': [\"max < 5\"]", 'pods_pending', /a quoted value at character/],
  ['a label that the metric has not', "'pods_pending{colour=\"a\"}': [\"max < 5\"]", 'pods_pending', /a label of pods_pending/],
  ['a label twice', "'pods_pending{cluster=\"a\",cluster=\"b\"}': [\"max < 5\"]", 'pods_pending', /one value for label cluster/],
  ['an open bracket in a pattern', "'pods_pending{cluster=~\"[\"}': [\"max < 5\"]", 'pods_pending', /at character/],
  ['a pattern that backtracks', "'pods_pending{cluster=~\"(a+)+(?=b)\"}': [\"max < 5\"]", 'pods_pending', /at character/],
  ['text after the selector', "'pods_pending{} x': [\"max < 5\"]", 'pods_pending', /the end of the selector/],
  ['no statistic', 'pods_pending: ["< 5"]', 'pods_pending', /a statistic.*such as/],
  ['an unknown statistic', 'pods_pending: ["maxx < 5"]', 'pods_pending', /did you mean max/],
  ['no comparison', 'pods_pending: ["max 5"]', 'pods_pending', /a comparison: < <= /],
  ['a comparison the wrong way round', 'pods_pending: ["max =< 5"]', 'pods_pending', /a comparison/],
  ['no bound', 'pods_pending: ["max <"]', 'pods_pending', /a plain number.*the unit is pods/],
  ['NaN as bound', 'pods_pending: ["max < NaN"]', 'pods_pending', /a plain number/],
  ['infinity as bound', 'pods_pending: ["max < Infinity"]', 'pods_pending', /a plain number/],
  ['a bound past all numbers', 'pods_pending: ["max < 1e999"]', 'pods_pending', /a plain number/],
  ['a hexadecimal bound', 'pods_pending: ["max < 0x10"]', 'pods_pending', /a clause|a plain number/],
  ['a duration without unit', 'pod_wait_seconds: ["p(99) < 30"]', 'pod_wait_seconds', /a duration such as 30s/],
  ['a unit of another kind', 'pod_wait_seconds: ["p(99) < 5%"]', 'pod_wait_seconds', /the unit is seconds/],
  ['money for pods', 'pods_pending: ["max < $5"]', 'pods_pending', /a plain number/],
  ['the percentile 100', 'pod_wait_seconds: ["p(100) < 1s"]', 'pod_wait_seconds', /between 0 and 100.*use max/],
  ['a percentile without brackets', 'pod_wait_seconds: ["p99 < 1s"]', 'pod_wait_seconds', /in brackets.*p\(99\.9\)/],
  ['a mean of a gauge', 'allocation_ratio: ["avg > 50%"]', 'allocation_ratio', /twavg is the mean over time/],
  ['an equal sign for measured values', 'headroom_ratio: ["min == 5%"]', 'headroom_ratio', /never exactly equal/],
  ['half of frac', 'pod_wait_seconds: ["frac(<30s >= 99%"]', 'pod_wait_seconds', /"\)" after the limit/],
  ['frac without limit', 'pod_wait_seconds: ["frac() >= 99%"]', 'pod_wait_seconds', /a comparison/],
  ['an unknown clause', 'pods_pending: ["max < 5 unless"]', 'pods_pending', /a clause: by, during/],
  ['two bounds', 'pods_pending: ["max < 5 6"]', 'pods_pending', /a clause/],
  ['a clause twice', 'pods_pending: ["max < 5 warn warn"]', 'pods_pending', /one clause "warn"/],
  ['a window that goes back', 'pods_pending: ["max < 5 during [2h, 1h)"]', 'pods_pending', /an end after the start/],
  ['a window that is closed', 'pods_pending: ["max < 5 during [1h, 2h]"]', 'pods_pending', /"\)"/],
  ['an outage that is not there', 'pods_pending: ["max < 5 during outage(west)"]', 'pods_pending', /any, or the name of an outage/],
  ['because without quotes', 'pods_pending: ["max < 5 because so"]', 'pods_pending', /a quoted text/],
  ['by nothing', 'pods_pending: ["max < 5 by"]', 'pods_pending', /a label of pods_pending/],
];

describe('a threshold', () => {
  it.each(CASES)('with %s is refused at its line', async (_, entry, path, says) => {
    const file = join(folder, 'main.yaml');
    writeFileSync(file, scenarioText({ 31: `  ${entry}` }));
    const wanted = { code: 2, place: `${file}:31:`, path: `thresholds.${path}`, says } as const;
    await refuses(() => readScenario(file, []), wanted);
  });
});
