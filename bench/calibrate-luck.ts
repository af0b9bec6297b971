/** How much of the variance of a difference shared luck takes away, on the shipped scenario `policies`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KeyedDraws } from '../src/random/draw.ts';
import { type NamedBundle, parseChoices, rowsOf, valuesOf } from '../src/results/compare-rows.ts';
import { bcaBootstrap, sharedLuck } from '../src/results/statistics.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { type Finding, LEVEL, rootSeed, runOnce } from './calibrate-parts.ts';

const FILE = fileURLToPath(new URL('../scenarios/policies.yaml', import.meta.url));
/** Pairs of replications. */
export const PAIRS = 30;
const RESAMPLES = 2000;
/** The variance of a difference must fall to a fifth of what independent runs would have. */
const GOAL = 0.2;

/** The shipped scenario, and the same with another scheduler in the cluster that spreads. */
const SIDES = [[], ['fleet.clusters[0].scheduling=most-allocated']].map((overrides) => ({
  overrides,
  scenario: loadScenario({ path: FILE, readText: (path) => readFileSync(path, 'utf8'), overrides })
    .scenario,
}));

/** What is measured. Load and throughput are mostly luck, and that is shared; the tail of waits is what policies make of it. */
const METRICS = [
  'pods_completed_total',
  'allocation_ratio{resource="cpu"}',
  'pods_running',
  'fragmentation_ratio{resource="cpu"}',
  'pod_wait_seconds',
  'pod_wait_seconds p(99)',
];
const CHOICES = parseChoices(METRICS);
/** What the goal is asked of: the others are told. */
const JUDGED = ['pods_completed_total', 'allocation_ratio{resource="cpu"}'];

/** Base and head of one replication, a value per metric. */
export type LuckOutcome = readonly (readonly [base: number, head: number])[];

/** Runs one replication under both policies. */
export async function luckExperiment(seed: number, replication: number): Promise<LuckOutcome> {
  const root = rootSeed(seed, 3, 0);
  const sides: NamedBundle[] = [];
  for (const { scenario, overrides } of SIDES) {
    const bundle = await runOnce(scenario, { seed: root, replication, overrides });
    sides.push({ ...bundle, label: 'side' });
  }
  return rowsOf(sides, CHOICES, true).map((row) => {
    const [base, head] = sides.map((side) => valuesOf(side, row)!.values[0]!);
    return [base!, head!] as const;
  });
}

/** Says how much the variance of each difference shrank, with an interval over the pairs (BCa). */
export function luckFindings(pairs: readonly LuckOutcome[]): Finding[] {
  const draws = new KeyedDraws(1, 0, 'calibrate/bootstrap');
  return METRICS.map((metric, m) => {
    const ratioOf = (numbers: readonly number[]): number => {
      const chosen = numbers.map((i) => pairs[i]![m]!);
      const luck = sharedLuck(
        chosen.map(([base]) => base),
        chosen.map(([, head]) => head),
      );
      return luck?.varianceRatio ?? 1;
    };
    const numbers = pairs.map((_, i) => i);
    const value = ratioOf(numbers);
    const interval = bcaBootstrap(numbers, {
      statistic: ratioOf,
      level: LEVEL,
      resamples: RESAMPLES,
      uniform: (resample, position) => draws.uniform(resample, position),
    })!;
    const isJudged = JUDGED.includes(metric);
    const judged = interval[1] <= GOAL ? 'met' : interval[0] > GOAL ? 'missed' : 'open';
    return {
      name: `variance of the difference of ${metric} by shared luck ×`,
      n: pairs.length,
      value,
      interval,
      goal: isJudged ? `at most ${GOAL}` : null,
      verdict: isJudged ? judged : 'told',
    };
  });
}
