/** How often a scenario compared with itself under another root seed looks different: by significance alone. */
import { compareBundles } from '../src/results/compare.ts';
import { type NamedBundle, parseChoices } from '../src/results/compare-rows.ts';
import { mergeReplications } from '../src/results/replications.ts';
import { parseScenario } from '../src/scenario/load.ts';
import {
  type Finding,
  LEVEL,
  REPLICATIONS,
  rootSeed,
  runOnce,
  shareFinding,
} from './calibrate-parts.ts';

/** The family; the first is the one metric that stands for itself. */
const METRICS = [
  'pod_wait_seconds',
  'pod_wait_seconds p(99)',
  'pods_arrived_total',
  'pods_completed_total',
  'pods_running',
  'pods_pending',
  'allocation_ratio{resource="cpu"}',
  'allocation_ratio{resource="memory"}',
  'pod_wait_seconds p(90)',
  'decisions_total',
];
const CHOICES = parseChoices(METRICS);

/**
 * One node that small and large pods share: 3 * 1 s * 1 core + 0.75 * 2 s * 2 cores = 6 of 8 cores, 75 %, so that many pods
 * wait a little. Means over a few thousand pods are close to normal: with a few hundred, whose waits are all in a handful of
 * bursts, the mean wait is so skewed that Welch's test alarms in 3 % only (docs/calibration.md).
 */
const BUSY = parseScenario({
  orrery: 1,
  name: 'calibration-busy',
  question: 'Does a scenario differ from itself?',
  horizon: '30m',
  warmup: '5m',
  series: { every: '5m' },
  fleet: {
    machineTypes: [{ name: 'node', cpu: 8, memory: '32Gi' }],
    clusters: [{ name: 'one', pools: [{ machineType: 'node', count: 1 }] }],
  },
  workloads: [
    {
      name: 'small',
      kind: 'job',
      arrivals: { poisson: '3/s' },
      duration: { exponential: { mean: '1s' } },
      pod: { cpu: 1, memory: '1Gi' },
    },
    {
      name: 'large',
      kind: 'job',
      arrivals: { poisson: '0.75/s' },
      duration: { exponential: { mean: '2s' } },
      pod: { cpu: 2, memory: '3Gi' },
    },
  ],
  policies: { queueing: 'fifo', scheduling: 'best-fit' },
});

/** What came of one comparison: which metrics alarmed by themselves, and whether any did by Holm. */
export interface AlarmOutcome {
  readonly alone: readonly boolean[];
  readonly isFamily: boolean;
}

/** The last bundle made, which is the base of the next comparison. */
let last: { readonly i: number; readonly bundle: NamedBundle } | null = null;

/** Compares root seeds i and i + 1 of the same scenario, ten replications each: every bundle is in two comparisons. */
export async function alarmExperiment(seed: number, i: number): Promise<AlarmOutcome> {
  const base = last?.i === i ? last.bundle : await bundleOf(rootSeed(seed, 2, i));
  const head = await bundleOf(rootSeed(seed, 2, i + 1));
  last = { i: i + 1, bundle: head };
  const { metrics } = compareBundles([base, head], { level: LEVEL, choices: CHOICES });
  const contrasts = metrics.map((m) => m.contrasts[0]!);
  return {
    alone: contrasts.map((c) => c.pValue !== null && c.pValue <= 1 - LEVEL),
    isFamily: contrasts.some((c) => c.adjustedPValue !== null && c.adjustedPValue <= 1 - LEVEL),
  };
}

async function bundleOf(seed: number): Promise<NamedBundle> {
  const bundles = [];
  for (let replication = 0; replication < REPLICATIONS; replication++) {
    bundles.push(await runOnce(BUSY, { seed, replication }));
  }
  return { ...mergeReplications(bundles), label: String(seed) };
}

/** Says what all comparisons together say. */
export function alarmFindings(outcomes: readonly AlarmOutcome[]): Finding[] {
  const n = outcomes.length;
  const family = outcomes.filter((o) => o.isFamily).length;
  return [
    ...METRICS.map((metric, m) =>
      shareFinding(
        `false alarms, ${metric} alone`,
        outcomes.filter((o) => o.alone[m]).length,
        n,
        m === 0 ? [0.04, 0.06] : null,
      ),
    ),
    shareFinding(`false alarms, some of ${METRICS.length} metrics by Holm`, family, n, [0, 0.06]),
  ];
}
