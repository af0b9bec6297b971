/**
 * Random damage to valid scenarios and traces: each ends in a result or in issues with an expectation, in bounded time, and no
 * resolved scenario holds a NaN. The seed and the number of cases are printed first; `FUZZ_SEED=... FUZZ_RUNS=2000 npx vitest run
 * test/errors/fuzz.test.ts` plays them again, and a failure prints the shrunk case.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../src/base/errors.ts';
import { checkThresholds } from '../../src/results/thresholds.ts';
import { runFactsOf } from '../../src/run/windows.ts';
import { loadScenario, parseScenario } from '../../src/scenario/load.ts';
import { scenarioText } from '../builders/scenario-text.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 60);
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Far above what a case takes, even on a loaded machine; a loop that does not end takes more. */
const CASE_MS_MAX = 5_000;
const OPTIONS = { numRuns: RUNS, seed: SEED };
const TEST_MS_MAX = 3_600_000;

process.stdout.write(`fuzz: FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}\n`);

const root = fileURLToPath(new URL('../..', import.meta.url));
const templates = readdirSync(`${root}/scenarios/templates`)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => readFileSync(`${root}/scenarios/templates/${name}`, 'utf8'));
const TEXTS = [
  scenarioText(),
  readFileSync(`${root}/docs/examples/first.yaml`, 'utf8'),
  ...templates,
];

/** Runs what may be refused; anything else that is thrown, an issue without expectation, or a long wait, fails. */
function survives(run: () => unknown): void {
  const startedMs = performance.now();
  try {
    run();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    for (const { expected } of error.issues) expect(expected).toMatch(/\S/);
  }
  expect(performance.now() - startedMs).toBeLessThan(CASE_MS_MAX);
}

/** Finds a NaN anywhere in plain data and says where. */
function findNaN(value: unknown, path = ''): string | null {
  if (typeof value === 'number') return Number.isNaN(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = findNaN(inner, `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** Texts that break things: other types, extremes, syntax, units, names of JavaScript, controls. */
const JUNK = fc.constantFrom(
  ...['', '[]', '{}', '-1', '.nan', '.inf', '-.inf', 'null', 'true', 'x', '1e99', '1e400', '0x1F'],
  ...[
    '[1, 2]',
    ': ',
    '*a',
    '&a ',
    '!!js ',
    '"',
    "'",
    '{',
    ']',
    '\t',
    '\n',
    '- ',
    '# ',
    '---\n',
    '? ',
  ],
  ...[
    '5Gi',
    '500m',
    '90s',
    '1d10h',
    '40/s',
    '$1/h',
    '20%',
    '{a,b}',
    '{1..9}',
    '{9..1}',
    '{1..1e9}',
  ],
  ...[
    '__proto__',
    'constructor',
    '99999999999999999999',
    '\0',
    '\x1b',
    '\ufeff',
    '\u202e',
    '😀',
    '0.1',
  ],
);

const edits = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(14), put: JUNK }),
  { minLength: 1, maxLength: 4 },
);

function damage(text: string, cuts: readonly { at: number; cut: number; put: string }[]): string {
  return cuts.reduce((now, { at, cut, put }) => {
    const start = Math.floor(at * now.length);
    return now.slice(0, start) + put + now.slice(start + cut);
  }, text);
}

/** The files beside a scenario: nothing but itself, as import and as trace. */
function load(text: string, overrides: readonly string[] = []): void {
  const { scenario } = loadScenario({
    path: 'main.yaml',
    readText: (path) => {
      if (path === 'main.yaml') return text;
      throw new Error(`ENOENT: no such file ${path}`);
    },
    overrides,
    env: {},
  });
  expect(findNaN(scenario)).toBeNull();
  const issues = checkThresholds(scenario.thresholds, runFactsOf(scenario));
  if (issues.length > 0) throw new ScenarioError(issues);
}

describe(`${RUNS} scenarios with random damage`, { timeout: TEST_MS_MAX }, () => {
  it('in their text end in a scenario or in issues', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), edits, (text, cuts) => {
        survives(() => load(damage(text, cuts)));
      }),
      OPTIONS,
    );
  });

  it('in whole lines, moved and repeated, end in a scenario or in issues', () => {
    const moves = fc.array(fc.record({ from: fc.nat(999), to: fc.nat(999), copy: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), moves, (text, list) => {
        const lines = text.split('\n');
        for (const { from, to, copy } of list) {
          const line = lines[from % lines.length]!;
          if (!copy) lines.splice(from % lines.length, 1);
          lines.splice(to % (lines.length + 1), 0, line);
        }
        survives(() => load(lines.join('\n')));
      }),
      OPTIONS,
    );
  });

  it('in their values end in a scenario or in issues', () => {
    const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), JUNK);
    const changes = fc.array(fc.tuple(fc.nat(9999), junk), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(changes, (list) => {
        const tree = plainScenario();
        for (const [pick, value] of list) {
          const paths = pathsOf(tree, []);
          const path = paths[pick % paths.length]!;
          let target = tree as Record<string | number, unknown>;
          for (const step of path.slice(0, -1)) target = target[step] as typeof target;
          target[path.at(-1)!] = value;
        }
        survives(() => expect(findNaN(parseScenario(tree))).toBeNull());
      }),
      OPTIONS,
    );
  });

  it('from overrides end in a scenario or in issues', () => {
    const key = fc.constantFrom(
      ...[
        'horizon',
        'seed',
        'workloads.web.pod.cpu',
        'fleet.clusters.a.pools[0].count',
        'failures',
      ],
      ...[
        'workloads[1].arrivals',
        'thresholds.pods_pending',
        'policies.scheduling',
        'a.b',
        'fleet',
      ],
    );
    const value = fc.oneof(
      JUNK,
      fc.string(),
      fc.jsonValue({ maxDepth: 2 }).map((v) => JSON.stringify(v)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }), (list) => {
        survives(() =>
          load(
            scenarioText(),
            list.map(([name, text]) => `${name}=${text}`),
          ),
        );
      }),
      OPTIONS,
    );
  });
});

function plainScenario(): object {
  return {
    name: 'x',
    horizon: '1h',
    warmup: '1m',
    fleet: {
      machineTypes: [
        {
          name: 'm',
          cpu: 4,
          memory: '8Gi',
          gpus: { model: 'T4', count: 2 },
          prices: { owned: '$1/h' },
        },
      ],
      providers: [{ name: 'p', kind: 'private', boot: '1s', quota: 9 }],
      clusters: [
        { name: 'c', provider: 'p', zone: 'z', pools: [{ machineType: 'm', count: 2, max: 3 }] },
      ],
    },
    workloads: [
      {
        name: 'w',
        kind: 'service',
        replicas: { steps: [{ at: '0s', count: 1 }] },
        pod: { cpu: 1 },
      },
      {
        name: 'j',
        kind: 'job',
        arrivals: { poisson: '1/s' },
        duration: { weibull: { mean: '1m', shape: 2 } },
        pod: { gpus: 1 },
      },
    ],
    failures: [
      { model: 'node', mtbf: '1d', repair: '1h' },
      { outage: 'cluster/c', at: '1s', for: '1s' },
    ],
    thresholds: { pods_pending: ['max < 1', { expr: 'max < 2', warn: true }] },
    policies: { placement: { use: 'spill-over', params: { fillTo: 0.5 } } },
    series: { every: '1m' },
  };
}

function pathsOf(value: unknown, above: readonly (string | number)[]): (string | number)[][] {
  const own = above.length > 0 ? [[...above]] : [];
  if (typeof value !== 'object' || value === null) return own;
  const below = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...above, key]));
  return [...own, ...below];
}
