import { describe, expect, it } from 'vitest';
import { blameCluster } from '../../../src/results/blame.ts';
import { recheck, runFactsOfBundle } from '../../../src/results/recheck.ts';
import { mergeReplications } from '../../../src/results/replications.ts';
import { parseThresholds } from '../../../src/results/thresholds.ts';
import { withoutSilence } from '../../../src/run/collect-series.ts';
import { metricResult } from '../../builders/bundle.ts';
import { runToEnd } from '../../builders/scenario.ts';
import { load } from '../../builders/scenario-text.ts';

const EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  pod_wait_seconds: [
    'p(99) < 30s',
    'p(90) < 2m during outage(any)',
    'max < 1h after 90m',
    'p(50) < 1m over 30m',
    'max < 2m for 20m',
    'frac(<30s) >= 50% by class',
    'avg < 1m during peak',
    'count > 5 during steady allow-empty',
  ],
  pods_pending: [
    'max <= 50',
    'twavg <= 3 by cluster during outage(zone/east)',
    'max <= 10 for 30m',
  ],
  headroom_ratio: [
    'min >= 0% by cluster',
    'twavg >= 1% over 1h',
    'min >= 0% by cluster during outage(any)',
  ],
  pods_evicted_total: ['rate <= 100/h over 1h', 'total <= 10 during [6h, 7h)'],
  cost_dollars: [
    'total <= $500',
    'total <= baseline + 2% by cluster',
    'total <= baseline conf 99%',
  ],
  pods_lost_total: ['count == 0'],
};

const thresholds = Object.entries(EXPRESSIONS)
  .map(([selector, list]) => `  ${selector}: ${JSON.stringify(list)}\n`)
  .join('');
const TEXT = `orrery: 1
name: base
horizon: 12h
warmup: 20m
series: {every: 5m}
fleet:
  machineTypes:
    - {name: small, cpu: 4, memory: 16Gi, prices: {owned: "$0.10/h"}}
  clusters:
    - {name: a, zone: east, pools: [{machineType: small, count: 8}]}
    - {name: b, zone: west, pools: [{machineType: small, count: 8}]}
workloads:
  - {name: batch, kind: job, arrivals: {poisson: 60/h}, duration: {exponential: {mean: 20m}}, pod: {cpu: 2, memory: 1Gi}}
failures:
  - {outage: zone/east, at: 6h, for: 1h}
thresholds:
${thresholds}`;

const { scenario } = load({ 'main.yaml': TEXT });
const parsed = parseThresholds(scenario.thresholds);
const runs = [0, 1, 2].map((replication) => runToEnd(scenario, { check: false, replication }));

describe('a stored bundle', () => {
  it('gives the verdicts that the run gave, of one replication', () => {
    for (const run of runs) expect(recheck(run, parsed, null)).toEqual(run.result.thresholds);
    expect(runs[0]!.series.series.length).toBe(withoutSilence(runs[0]!.series).series.length);
  });

  it('gives those of several together, as the run puts them together', () => {
    const merged = mergeReplications(runs);
    expect(recheck(merged, parsed, null)).toEqual(merged.result.thresholds);
  });

  it('is exactly its own baseline', () => {
    const merged = mergeReplications(runs);
    for (const bundle of [runs[0]!, merged]) {
      const relative = recheck(bundle, parsed, bundle).filter((t) => t.expr.includes('baseline'));
      expect(relative.map((t) => t.verdict)).toEqual(['pass', 'pass']);
      expect(relative[1]!.observed).toBe(relative[1]!.bound);
    }
  });

  it('takes a baseline of one replication as exact, and leaves out who has no partner', () => {
    const merged = mergeReplications(runs);
    const [exact] = recheck(merged, parsed.slice(-2, -1), runs[0]!);
    expect(exact!.bound).toBe(recheck(runs[0]!, parsed.slice(-2, -1), null)[0]!.observed);
    const two = mergeReplications(runs.slice(0, 2));
    const [paired] = recheck(merged, parsed.slice(-2, -1), two);
    const [same] = recheck(two, parsed.slice(-2, -1), two);
    expect(paired).toEqual(same);
  });

  it('tells what its thresholds are checked against', () => {
    expect(runFactsOfBundle(runs[0]!)).toEqual({
      outages: ['zone/east'],
      horizonSeconds: 43_200,
      bucketSeconds: 300,
    });
  });
});

describe('the cluster to blame', () => {
  const cost = (cluster: string, sum: number) =>
    metricResult('cost_dollars', { cluster }, { n: 1, sum });
  const headroom = (cluster: string, mean: number) =>
    metricResult('headroom_ratio', { cluster, resource: 'cpu' }, { mean });

  it('is the one that got worse by most', () => {
    const base = [cost('a', 10), cost('b', 10), cost('c', 10)];
    const head = [cost('a', 5), cost('b', 12), cost('c', 14)];
    const metric = { name: 'cost_dollars', labels: {} };
    expect(blameCluster(base, head, metric)).toEqual({ cluster: 'c', before: 10, after: 14 });
    expect(blameCluster(head, base, metric)).toEqual({ cluster: 'a', before: 5, after: 10 });
    const labels = { cluster: 'b' };
    expect(blameCluster(base, head, { ...metric, labels })?.cluster).toBe('b');
  });

  it('follows the better side, and is nobody where none got worse', () => {
    const base = [headroom('a', 0.5), headroom('b', 0.5)];
    const head = [headroom('a', 0.4), headroom('b', 0.9)];
    const metric = { name: 'headroom_ratio', labels: { resource: 'cpu' } };
    expect(blameCluster(base, head, metric)).toEqual({ cluster: 'a', before: 0.5, after: 0.4 });
    expect(blameCluster(base, base, metric)).toBeNull();
    expect(blameCluster(base, head, { name: 'nodes', labels: {} })).toBeNull();
  });
});
