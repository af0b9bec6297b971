/** Bundles with chosen values per replication, for comparisons. */
import { BINS_PER_OCTAVE, binOf, RELATIVE_ERROR } from '../../src/base/bins.ts';
import type { DistributionEntry, Labels, MetricResult } from '../../src/results/bundle.ts';
import { compareMetrics, findMetric } from '../../src/results/catalog.ts';
import type { NamedBundle } from '../../src/results/compare-rows.ts';
import { metricResult, syntheticBundle } from './bundle.ts';

export interface Row {
  readonly name: string;
  readonly labels?: Labels;
  /** One value per replication; samples: of their mean. */
  readonly values: readonly (number | null)[];
}

export interface Sampled {
  readonly name: string;
  readonly labels?: Labels;
  /** Seconds, per replication. */
  readonly samples: readonly (readonly number[])[];
  /** Lower bounds, per replication. */
  readonly censored?: readonly (readonly number[])[];
}

export interface Replicated {
  readonly label?: string;
  readonly seed?: number;
  readonly sha256?: string;
  readonly trajectory?: string;
  readonly trajectories?: NamedBundle['manifest']['trajectories'];
  readonly overrides?: readonly string[];
  readonly scheduling?: string;
  readonly complete?: boolean;
  readonly rows: readonly Row[];
  readonly sampled?: readonly Sampled[];
}

const PLAIN = syntheticBundle({ clusters: 1, buckets: 4 });

/** Makes the bundle; the number of replications is that of the first row. */
export function replicatedBundle(shape: Replicated): NamedBundle {
  const replications = shape.rows[0]?.values.length ?? 1;
  const metrics = shape.rows.map(rowResult).sort(compareMetrics);
  const { seed = 42, trajectory = '00000000000000aa', complete = true } = shape;
  return {
    label: shape.label ?? 'bundle',
    series: PLAIN.series,
    distributions: {
      schema: 'orrery.distributions/1',
      unit: 'seconds',
      binsPerOctave: BINS_PER_OCTAVE,
      relativeError: RELATIVE_ERROR,
      entries: (shape.sampled ?? []).flatMap(entriesOf),
    },
    result: { ...PLAIN.result, seed, replications, trajectory, complete, metrics },
    manifest: {
      ...PLAIN.manifest,
      scenario: { name: 'quickstart', sha256: shape.sha256 ?? 'ab'.repeat(32) },
      seed,
      replications,
      trajectory,
      trajectories: shape.trajectories ?? [],
      overrides: shape.overrides ?? [],
      policies: [
        {
          cluster: 'c-1',
          scheduling: shape.scheduling ?? 'best-fit',
          queueing: 'priority',
          tier: 'A',
        },
      ],
      complete,
    },
  };
}

function rowResult({ name, labels = {}, values }: Row): MetricResult {
  const known = values.filter((v) => v !== null);
  const mean = known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  const main = findMetric(name)!.kind === 'counter' ? { sum: mean } : { mean };
  return metricResult(name, labels, { ...main, perReplication: values });
}

function entriesOf(sampled: Sampled): DistributionEntry[] {
  return sampled.samples.map((samples, replication) => {
    const censored = sampled.censored?.[replication] ?? [];
    const full = binned(samples);
    const bounds = binned(censored);
    const all = [...samples, ...censored];
    return {
      metric: sampled.name,
      labels: sampled.labels ?? {},
      replication,
      scope: 'run',
      bins: full.bins,
      counts: full.counts,
      censoredBins: bounds.bins,
      censoredCounts: bounds.counts,
      n: all.length,
      sum: all.reduce((a, b) => a + b, 0),
      min: all.length === 0 ? null : Math.min(...all),
      max: all.length === 0 ? null : Math.max(...all),
    };
  });
}

function binned(seconds: readonly number[]): { bins: number[]; counts: number[] } {
  const counts = new Map<number, number>();
  for (const s of seconds) counts.set(binOf(s * 1e6), (counts.get(binOf(s * 1e6)) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => a[0] - b[0]);
  return { bins: sorted.map(([bin]) => bin), counts: sorted.map(([, count]) => count) };
}
