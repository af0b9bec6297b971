/** Compares replays of the FGD study with its published values: every seed, column and variant. */
import {
  type Column,
  columnOf,
  dataError,
  type ExpectedRun,
  readExpected,
  readNodes,
  readOrders,
  readPodList,
  variantsWithOrders,
} from './fgd-data.ts';
import { replay } from './fgd-replay.ts';

/** Deviation, in percentage points, that a gated value may have: the published ones are rounded to 0.01. */
export const TOLERANCE = 0.011;

/** Standard errors of the difference of two means that Random may be off. */
const RANDOM_ERRORS = 4;

const POLICIES: Readonly<Record<string, string>> = {
  BestFit: 'fgd/best-fit',
  DotProd: 'fgd/dot-product',
  FGD: 'fgd/fgd',
  GpuClustering: 'fgd/gpu-clustering',
  GpuPacking: 'fgd/gpu-packing',
  Random: 'fgd/random',
};

/** A value and where it stands. `seed` is null for a mean over seeds. */
export interface Worst {
  readonly seed: number | null;
  readonly column: string;
  readonly expected: number;
  readonly actual: number | null;
}

/** One policy on one variant. */
export interface FgdCase {
  readonly variant: string;
  readonly policy: string;
  /** False where the policy draws: reported, but no failure. */
  readonly gated: boolean;
  readonly ok: boolean;
  readonly seeds: number;
  /** Values compared. */
  readonly points: number;
  /** Percentage points; null if a value is missing. */
  readonly maxDeviation: number | null;
  readonly worst: Worst | null;
}

/** What `reproduce -- fgd` writes. */
export interface FgdReport {
  readonly schema: 'orrery.reproduce/1';
  readonly study: 'fgd';
  readonly ok: boolean;
  readonly tolerance: number;
  readonly cases: readonly FgdCase[];
}

/** What to replay. */
export interface FgdOptions {
  readonly data: string;
  /** Node list; null takes the one in `data`. */
  readonly nodes: string | null;
  /** A variant's name, or `all`: those with an order of arrival and published values. */
  readonly variant: string;
  /** A policy's name as published; null is all. */
  readonly policy: string | null;
  /** Published seeds to replay; null is all. */
  readonly seeds: readonly number[] | null;
  readonly onCase: (done: FgdCase) => void;
}

interface Replayed {
  readonly expected: ExpectedRun;
  readonly actual: (column: Column) => number;
}

/** Replays the study. @throws ScenarioError (exit 3) for data that are missing or malformed */
export function reproduceFgd(options: FgdOptions): FgdReport {
  const expected = readExpected(options.data).filter(
    ({ seed }) => options.seeds === null || options.seeds.includes(seed),
  );
  const nodes = readNodes(options.data, options.nodes);
  const cases: FgdCase[] = [];
  for (const variant of variantsOf(options, expected)) {
    const runs = expected.filter((run) => run.variant === variant);
    const orders = readOrders(options.data, variant);
    const list = readPodList(options.data, variant);
    for (const policy of policiesOf(options, runs)) {
      const replayed = runs
        .filter((run) => run.policy === policy)
        .map((run): Replayed => {
          const order = orders.get(run.seed);
          if (order === undefined) {
            throw dataError(`orders/${variant}`, `an order of arrival for seed ${run.seed}`);
          }
          const isRanked = policy !== 'Random';
          const input = { nodes, list, order, policy: POLICIES[policy]!, isRanked, seed: run.seed };
          return { expected: run, actual: replay(input) };
        });
      const done = policy === 'Random' ? compareMeans(replayed) : compareRuns(replayed);
      cases.push(done);
      options.onCase(done);
    }
  }
  const ok = cases.length > 0 && cases.every((done) => done.ok || !done.gated);
  return { schema: 'orrery.reproduce/1', study: 'fgd', ok, tolerance: TOLERANCE, cases };
}

function variantsOf(options: FgdOptions, expected: readonly ExpectedRun[]): string[] {
  const published = new Set(expected.map((run) => run.variant));
  if (options.variant === 'all') {
    const variants = variantsWithOrders(options.data).filter((name) => published.has(name));
    if (variants.length > 0) return variants;
    throw dataError(options.data, 'at least one variant with an order and published values');
  }
  if (!published.has(options.variant)) {
    const known = `one of ${[...published].sort().join(', ')}`;
    throw dataError('expected/per_seed_alloc.csv', `rows of variant ${options.variant}`, known);
  }
  return [options.variant];
}

function policiesOf(options: FgdOptions, runs: readonly ExpectedRun[]): string[] {
  const published = [...new Set(runs.map((run) => run.policy))].sort();
  const unknown = published.find((name) => POLICIES[name] === undefined);
  if (unknown !== undefined) {
    throw dataError('expected/per_seed_alloc.csv', `known policies instead of "${unknown}"`);
  }
  if (options.policy === null) return published;
  if (published.includes(options.policy)) return [options.policy];
  throw dataError(
    'expected/per_seed_alloc.csv',
    `rows of policy ${options.policy}`,
    `one of ${published.join(', ')}`,
  );
}

/** Compares value by value. */
function compareRuns(runs: readonly Replayed[]): FgdCase {
  let points = 0;
  let most = -1;
  let worst: Worst | null = null;
  for (const { expected, actual } of runs) {
    for (const [column, value] of expected.values) {
      const measured = actual(columnOf(column, '')!);
      const deviation = Number.isNaN(measured)
        ? Number.POSITIVE_INFINITY
        : Math.abs(measured - value);
      points++;
      if (deviation <= most) continue;
      most = deviation;
      worst = { seed: expected.seed, column, expected: value, actual: finiteOrNull(measured) };
    }
  }
  const { variant, policy } = runs[0]!.expected;
  return {
    variant,
    policy,
    gated: true,
    ok: points > 0 && most <= TOLERANCE,
    seeds: runs.length,
    points,
    maxDeviation: points > 0 ? finiteOrNull(most) : null,
    worst,
  };
}

/** Compares means over the seeds, in standard errors of their difference; the draws of the study are not ours. */
function compareMeans(runs: readonly Replayed[]): FgdCase {
  const columns = [...(runs[0]?.expected.values.keys() ?? [])];
  let most = 0;
  let mostErrors = -1;
  let worst: Worst | null = null;
  for (const column of columns) {
    const published = meanAndError(
      runs.map((run) => run.expected.values.get(column) ?? Number.NaN),
    );
    const ours = meanAndError(runs.map((run) => run.actual(columnOf(column, '')!)));
    const deviation = Math.abs(ours.mean - published.mean);
    const error = Math.sqrt(published.squaredError + ours.squaredError);
    const excess = deviation <= TOLERANCE ? 0 : deviation / error;
    most = Math.max(most, deviation);
    if (!(excess <= mostErrors)) {
      mostErrors = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
      worst = { seed: null, column, expected: published.mean, actual: finiteOrNull(ours.mean) };
    }
  }
  const { variant, policy } = runs[0]!.expected;
  return {
    variant,
    policy,
    gated: false,
    ok: columns.length > 0 && mostErrors <= RANDOM_ERRORS,
    seeds: runs.length,
    points: columns.length,
    maxDeviation: finiteOrNull(most),
    worst,
  };
}

function meanAndError(values: readonly number[]): { mean: number; squaredError: number } {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { mean, squaredError: n > 1 ? squares / (n - 1) / n : 0 };
}

function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
