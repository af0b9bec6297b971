/**
 * Small scenarios with their stored result and summary, to be looked at in review. Numbers are rounded to six digits. A
 * difference lands beside what is stored, as `result-changed.ndjson` and `summary-changed.txt`; `npm run golden:update` takes
 * what is new.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { summaryText } from '../../src/reports/text.ts';
import type { Bundle } from '../../src/results/bundle.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { runToEnd } from '../builders/scenario.ts';

const FOLDER = fileURLToPath(new URL('./', import.meta.url));
const isUpdate = process.env.ORRERY_GOLDEN_UPDATE === '1';
const NAMES = readdirSync(FOLDER).filter((name) => existsSync(`${FOLDER}${name}/scenario.yaml`));

/** The result as text: what is not a metric, then one metric a line, so that a difference reads well. */
function resultText({ result }: Bundle): string {
  const { metrics, ...head } = result;
  const rounded = (value: unknown) =>
    JSON.stringify(value, (_, v) => (typeof v === 'number' ? Number(v.toPrecision(6)) : v));
  return `${[head, ...metrics].map(rounded).join('\n')}\n`;
}

function compare(path: string, text: string): void {
  const changed = path.replace(/(\.\w+)$/, '-changed$1');
  const stored = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (stored === text || isUpdate) {
    if (stored !== text) writeFileSync(path, text);
    rmSync(changed, { force: true });
    return;
  }
  writeFileSync(changed, text);
  expect(text, `${changed} differs: review it, then npm run golden:update`).toBe(stored);
}

describe('the stored runs', () => {
  it('are two', () => expect(NAMES).toEqual(['burst', 'gpu-queue']));

  it.each(NAMES)('%s comes out as stored', (name) => {
    const { scenario } = loadScenario({
      path: `${FOLDER}${name}/scenario.yaml`,
      readText: (path) => readFileSync(path, 'utf8'),
    });
    const bundle = runToEnd(scenario, { seed: 11 });
    const summary = summaryText(bundle, { color: false, width: 100, bundleDir: `reports/${name}` });
    compare(`${FOLDER}${name}/summary.txt`, `${summary}\n`);
    compare(`${FOLDER}${name}/result.ndjson`, resultText(bundle));
  });
});
