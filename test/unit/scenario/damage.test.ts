/** Random damage to valid scenarios: every load ends in a scenario or in issues. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { parseScenario } from '../../../src/scenario/load.ts';
import { load, scenarioText } from '../../builders/scenario-text.ts';

describe('any damage to a scenario', () => {
  const lines = scenarioText().trimEnd().split('\n');
  const damaged = fc.array(
    fc.record({
      line: fc.integer({ min: 0, max: lines.length - 1 }),
      start: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 12 }),
      text: fc.constantFrom(
        '',
        '[]',
        '{}',
        '-1',
        '.nan',
        'null',
        'x',
        '1e99',
        '[1, 2]',
        ': ',
        '*a',
      ),
    }),
    { minLength: 1, maxLength: 4 },
  );
  it('ends in a scenario or in issues that have a place, never in a crash', () => {
    fc.assert(
      fc.property(damaged, (cuts) => {
        const text = [...lines];
        for (const { line, start, length, text: put } of cuts) {
          const at = Math.floor(start * text[line]!.length);
          text[line] = text[line]!.slice(0, at) + put + text[line]!.slice(at + length);
        }
        try {
          load({ 'main.yaml': text.join('\n') });
        } catch (error) {
          if (!(error instanceof ScenarioError)) throw error;
          expect(error.issues.length).toBeGreaterThan(0);
          for (const issue of error.issues) expect(issue.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('is found in a list with a hole', () => {
    const holed: unknown[] = [];
    holed[1] = 'x';
    expect(() => parseScenario({ name: 'x', horizon: '1h', workloads: holed })).toThrow(
      /workloads\[0\]: .*expected plain data/,
    );
  });
  it('ends the same way where whole values are replaced', () => {
    const plain = JSON.parse(
      JSON.stringify({
        name: 'x',
        horizon: '1h',
        fleet: {
          machineTypes: [{ name: 'm', cpu: 4, memory: '8Gi', prices: { owned: '$1/h' } }],
          providers: [{ name: 'p', kind: 'public', boot: '1s' }],
          clusters: [
            { name: 'c', provider: 'p', pools: [{ machineType: 'm', count: 2, taints: [] }] },
          ],
        },
        workloads: [
          { name: 'w', kind: 'service', replicas: { steps: [{ at: '0s', count: 1 }] }, pod: {} },
          { name: 'j', kind: 'job', arrivals: { poisson: '1/s' }, duration: '1s', pod: { cpu: 1 } },
        ],
        failures: [
          { model: 'node', mtbf: '1d', repair: '1h' },
          { outage: 'cluster/c', at: '1s', for: '1s' },
        ],
        thresholds: { a: ['max < 1', { expr: 'x' }] },
        policies: { placement: { use: 'x', params: {} } },
      }),
    );
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (value !== null && typeof value === 'object') {
        for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      }
    };
    walk(plain, []);
    const junk = fc.constantFrom<unknown>(
      null,
      0,
      -1,
      1e300,
      Number.NaN,
      '',
      'x',
      '{a,b}',
      [],
      {},
      [[]],
      true,
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...paths), junk), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const copy = structuredClone(plain);
          for (const [path, value] of changes) {
            let target = copy;
            for (const step of path.slice(0, -1)) target = target?.[step];
            if (target !== null && typeof target === 'object') target[path.at(-1)!] = value;
          }
          try {
            parseScenario(copy);
          } catch (error) {
            if (!(error instanceof ScenarioError)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
