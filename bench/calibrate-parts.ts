/** What the calibrations share: one run through the engine as the command makes it, and how a finding is judged. */
import { runScenario } from '../src/host/simulate.ts';
import type { Bundle } from '../src/results/bundle.ts';
import { normalQuantile } from '../src/results/laws.ts';
import type { Interval } from '../src/results/statistics.ts';
import { registryWith } from '../src/run/registry.ts';
import type { Scenario } from '../src/scenario/scenario.ts';

/** Replications of an experiment. */
export const REPLICATIONS = 10;
/** Nominal level of every interval, and of significance. */
export const LEVEL = 0.95;

/** A measured figure. */
export interface Finding {
  readonly name: string;
  /** Experiments, comparisons or pairs behind it. */
  readonly n: number;
  readonly value: number;
  /** 95 % interval of the value; null where it has none. */
  readonly interval: Interval | null;
  /** What was asked for, as text; null for a figure that is only told. */
  readonly goal: string | null;
  /** `met` and `missed` only where the whole interval is on one side, or inside the goal; else `open`. */
  readonly verdict: 'met' | 'missed' | 'open' | 'told';
}

const registry = registryWith([]);

/** Runs one replication as `orrery run` would. */
export async function runOnce(
  scenario: Scenario,
  key: { readonly seed: number; readonly replication: number; readonly overrides?: string[] },
): Promise<Bundle> {
  const { seed, replication, overrides = [] } = key;
  const { bundle } = await runScenario({
    scenario,
    seed,
    replication,
    registry,
    manifest: {
      scenarioSha256: 'calibration',
      inputs: [],
      overrides,
      plugins: [],
      orreryVersion: '',
    },
  });
  return bundle;
}

/** Gives experiment `i` a root seed of its own: those of different studies and roots are far apart. */
export function rootSeed(root: number, study: number, i: number): number {
  return root * 1_000_000_000 + study * 100_000_000 + i;
}

/**
 * Judges a share of experiments by its interval (Wilson's, 95 %).
 *
 * @param goal bounds of the share, both inside
 *
 * *Source*: Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
 */
export function shareFinding(
  name: string,
  hits: number,
  n: number,
  goal: readonly [low: number, high: number] | null,
): Finding {
  const z = normalQuantile(0.975);
  const share = hits / n;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half =
    (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  const interval: Interval = [Math.max(0, middle - half), Math.min(1, middle + half)];
  if (goal === null) return { name, n, value: share, interval, goal: null, verdict: 'told' };
  const isInside = share >= goal[0] && share <= goal[1];
  // With few experiments a share outside of the goal says little: only an interval that misses it does.
  const isApart = interval[1] < goal[0] || interval[0] > goal[1];
  const text = `${percent(goal[0])} to ${percent(goal[1])}`;
  const verdict = isInside ? 'met' : isApart ? 'missed' : 'open';
  return { name, n, value: share, interval, goal: text, verdict };
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** Writes a finding as a line. */
export function findingLine({ name, n, value, interval, goal, verdict }: Finding): string {
  const isShare = !name.includes('×');
  const print = (x: number): string => (isShare ? percent(x) : x.toPrecision(3));
  const ends = interval === null ? '' : ` [${print(interval[0])}, ${print(interval[1])}]`;
  const wanted = goal === null ? '' : `   goal ${goal}: ${verdict}`;
  return `${name}: ${print(value)}${ends}, n = ${n}${wanted}`;
}
