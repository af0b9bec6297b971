import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBundle } from '../../../src/host/files.ts';
import { readBundle } from '../../../src/host/read-bundle.ts';
import { seriesParquet } from '../../../src/reports/parquet.ts';
import type { Bundle, MetricResult, Series } from '../../../src/results/bundle.ts';
import { poolSeries } from '../../../src/results/pooled-series.ts';
import { mergeReplications, splitReplications } from '../../../src/results/replications.ts';
import { registryWith } from '../../../src/run/registry.ts';
import { createSimulation } from '../../../src/run/run.ts';
import { parseScenario } from '../../../src/scenario/load.ts';

const SCENARIO = parseScenario({
  orrery: 1,
  name: 'small',
  horizon: '1h',
  fleet: {
    machineTypes: [{ name: 'm', cpu: 8, memory: '32Gi' }],
    clusters: [{ name: '{a,b}', pools: [{ machineType: 'm', count: 2 }] }],
  },
  workloads: [
    {
      name: 'jobs',
      kind: 'job',
      arrivals: { poisson: '0.2/s' },
      duration: { exponential: { mean: '2m' } },
      pod: { cpu: 1, memory: '1Gi' },
    },
  ],
  failures: [{ outage: 'cluster/a', at: '20m', for: '10m' }],
  thresholds: {
    pod_wait_seconds: ['p(50) < 1h', 'avg < 1ms'],
    'pods_evicted_total{cause="outage"}': ['value >= 0'],
  },
});

function replication(number: number): Bundle {
  const simulation = createSimulation(SCENARIO, {
    seed: 1,
    replication: number,
    registry: registryWith([]),
    manifest: { scenarioSha256: 'ab', inputs: [], overrides: [], plugins: [], orreryVersion: '0' },
  });
  while (simulation.runFor(100_000) !== 'done');
  return simulation.finish(null);
}

const BUNDLES = [0, 1, 2].map(replication);
const MERGED = mergeReplications(BUNDLES);

function metric(bundle: Bundle, name: string, labels: object = {}): MetricResult {
  const found = bundle.result.metrics.find(
    (m) => m.name === name && JSON.stringify(m.labels) === JSON.stringify(labels),
  );
  if (found === undefined) throw new Error(`no ${name} ${JSON.stringify(labels)}`);
  return found;
}

const each = (name: string, labels = {}) => BUNDLES.map((b) => metric(b, name, labels));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('replications put together', () => {
  it('leave a single one as it is', () => {
    expect(mergeReplications([BUNDLES[0]!])).toBe(BUNDLES[0]);
    expect(splitReplications(BUNDLES[0]!)).toEqual([BUNDLES[0]]);
  });

  it('add up counters and keep each total', () => {
    const arrived = metric(MERGED, 'pods_arrived_total');
    const totals = each('pods_arrived_total').map((m) => m.sum!);
    expect(new Set(totals).size).toBe(3);
    expect(arrived.perReplication).toEqual(totals);
    expect(arrived.sum).toBe(sum(totals));
    expect(arrived.mean).toBeCloseTo(sum(totals) / 3, 9);
    expect([arrived.min, arrived.max]).toEqual([Math.min(...totals), Math.max(...totals)]);
  });

  it('pool samples: quantiles from the histograms together, the deviation of all of them', () => {
    const wait = metric(MERGED, 'pod_wait_seconds');
    const own = each('pod_wait_seconds');
    expect(wait.n).toBe(sum(own.map((m) => m.n)));
    expect(wait.sum).toBeCloseTo(sum(own.map((m) => m.sum!)), 6);
    expect(wait.max).toBe(Math.max(...own.map((m) => m.max!)));
    expect(wait.perReplication).toEqual(own.map((m) => m.mean));
    // Sum of squares of each: (n - 1) s^2 + n m^2; of all: less N M^2, over N - 1.
    const n = wait.n;
    const squares = sum(own.map((m) => (m.n - 1) * m.stddev! ** 2 + m.n * m.mean! ** 2));
    const variance = (squares - n * wait.mean! ** 2) / (n - 1);
    expect(wait.stddev).toBeCloseTo(Math.sqrt(variance), 8);
    // A pooled quantile lies between those of the parts.
    const p99 = own.map((m) => m.quantiles['0.99']!);
    expect(wait.quantiles['0.99']).toBeGreaterThanOrEqual(Math.min(...p99));
    expect(wait.quantiles['0.99']).toBeLessThanOrEqual(Math.max(...p99));
  });

  it('average gauges and keep their extremes', () => {
    const running = metric(MERGED, 'pods_running');
    const own = each('pods_running');
    expect(running.perReplication).toEqual(own.map((m) => m.mean));
    expect(running.mean).toBeCloseTo(sum(own.map((m) => m.mean!)) / 3, 9);
    const top = own.reduce((a, b) => (b.max! > a.max! ? b : a));
    expect([running.max, running.maxAtSeconds]).toEqual([top.max, top.maxAtSeconds]);
  });

  it('have an interval of the mean: m -+ t(0.975; 2) s / sqrt(3)', () => {
    const values = each('pods_arrived_total').map((m) => m.sum!);
    const mean = sum(values) / 3;
    const s = Math.sqrt(sum(values.map((v) => (v - mean) ** 2)) / 2);
    // t(0.975; 2) = 4.302653
    const half = (4.302653 * s) / Math.sqrt(3);
    const { ci } = metric(MERGED, 'pods_arrived_total');
    expect(ci!.level).toBe(0.95);
    expect(ci!.mean[0]).toBeCloseTo(mean - half, 3);
    expect(ci!.mean[1]).toBeCloseTo(mean + half, 3);
  });

  it('sum the laws, whose identities still hold', () => {
    const { pods, cost, ok } = MERGED.result.conservation;
    expect(ok).toBe(true);
    expect(pods.arrived).toBe(pods.completed + pods.running + pods.pending + pods.lost);
    expect(cost.workload + cost.idle + cost.overhead).toBe(cost.total);
    const broken = BUNDLES.map((b, r) => {
      const conservation = { ...b.result.conservation, ok: r !== 1 };
      return { ...b, result: { ...b.result, conservation } };
    });
    expect(mergeReplications(broken).result.conservation.ok).toBe(false);
  });

  it('judge thresholds by all of them', () => {
    const [quick, average, evicted] = MERGED.result.thresholds;
    expect(quick).toMatchObject({ verdict: 'pass', expr: 'p(50) < 1h' });
    expect(average).toMatchObject({ verdict: 'fail' });
    expect(average!.ci).not.toBeNull();
    expect(evicted!.metric).toBe('pods_evicted_total{cause="outage"}');
  });

  it('number trajectories and distributions, and fold the hashes in order', () => {
    const numbers = MERGED.manifest.trajectories.map((t) => `${t.cluster}${t.replication}`);
    expect(numbers).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    expect(MERGED.result.trajectory).toMatch(/^[0-9a-f]{16}$/);
    const swapped = mergeReplications([BUNDLES[1]!, BUNDLES[0]!, BUNDLES[2]!]);
    expect(swapped.result.trajectory).not.toBe(MERGED.result.trajectory);
    const entries = new Set(MERGED.distributions.entries.map((e) => e.replication));
    expect([...entries]).toEqual([0, 1, 2]);
  });

  it('are incomplete where more were wanted', () => {
    const partial = mergeReplications(BUNDLES.slice(0, 2), { stopped: 'SIGINT' });
    expect(partial.result).toMatchObject({ complete: false, replications: 2 });
    expect(partial.manifest).toMatchObject({ complete: false, stopped: 'SIGINT' });
    expect(mergeReplications(BUNDLES.slice(0, 1), { stopped: 'SIGINT' }).result.complete).toBe(
      false,
    );
  });

  it('refuse to be merged twice', () => {
    expect(() => mergeReplications([MERGED, MERGED])).toThrow(/cannot be merged again/);
    expect(() => mergeReplications([])).toThrow(/must be a replication/);
  });

  it('come apart again as they were', () => {
    expect(splitReplications(MERGED)).toEqual(BUNDLES);
  });

  it('come back from a folder as they were, and apart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-replications-'));
    const content = seriesParquet(
      MERGED.series,
      MERGED.replications!.map((r) => r.series),
    );
    await writeBundle(join(folder, 'out'), MERGED, [{ name: 'series.parquet', content }]);
    const back = await readBundle(join(folder, 'out'));
    rmSync(folder, { recursive: true, force: true });
    expect(back).toEqual(MERGED);
    expect(splitReplications(back)).toEqual(BUNDLES);
  });

  it('are refused where one of them is missing or damaged, with the line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-replications-'));
    const out = join(folder, 'out');
    const series = MERGED.replications!.map((r) => r.series);
    const whole = seriesParquet(MERGED.series, series);
    await writeBundle(out, MERGED, [{ name: 'series.parquet', content: whole }]);
    const file = join(out, 'replications.ndjson');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const cases: [text: string, message: RegExp][] = [
      [
        `${lines.slice(0, 2).join('\n')}\n`,
        /replications\.ndjson .*2 lines, expected one line for/,
      ],
      [`${lines[0]}\n{"schema":\n${lines[2]}\n`, /replications\.ndjson:2:1 .*complete JSON/],
      [`${lines[0]}\n${lines[1]}\n{"schema":"orrery.result/1"}\n`, /ndjson:3:1 scenario: /],
    ];
    for (const [text, message] of cases) {
      writeFileSync(file, text);
      await expect(readBundle(out)).rejects.toThrow(message);
    }
    writeFileSync(file, `${lines.join('\n')}\n`);
    writeFileSync(join(out, 'series.parquet'), seriesParquet(MERGED.series, series.slice(1)));
    await expect(readBundle(out)).rejects.toThrow(/series\.parquet .*2 replications, expected the/);
    rmSync(folder, { recursive: true, force: true });
  });

  it('keep the variance of every distribution', () => {
    for (const [b, bundle] of BUNDLES.entries()) {
      const { stddev, n } = metric(bundle, 'pod_wait_seconds');
      const entry = MERGED.distributions.entries.find(
        (e) =>
          e.replication === b &&
          e.scope === 'run' &&
          e.metric === 'pod_wait_seconds' &&
          Object.keys(e.labels).length === 0,
      )!;
      // s^2 = v n / (n - 1)
      expect(Math.sqrt((entry.variance! * n) / (n - 1))).toBeCloseTo(stddev!, 9);
    }
  });
});

describe('pooled series', () => {
  const one = (values: number[], name = 'pods_running', labels = {}): Series => ({
    name,
    kind: name.endsWith('_total') ? 'counter' : 'gauge',
    unit: 'pods',
    labels,
    min: Float64Array.from(values, (v) => v - 1),
    mean: Float64Array.from(values),
    max: Float64Array.from(values, (v) => v + 1),
  });
  const file = (series: Series[], buckets = 2) => ({
    bucketSeconds: 60,
    buckets,
    endSeconds: 60 * buckets,
    series,
  });

  it('take the least minimum, the mean of means and the largest maximum', () => {
    // Means 2 and 4: minima 1 and 3, maxima 3 and 5. An unobserved bucket leaves the other alone.
    const pooled = poolSeries([file([one([2, Number.NaN])]), file([one([4, 7])])]).series[0]!;
    expect([...pooled.min]).toEqual([1, 6]);
    expect([...pooled.mean]).toEqual([3, 7]);
    expect([...pooled.max]).toEqual([5, 8]);
  });

  it('count what a bundle left out of a cluster as zero, but not an unknown ratio', () => {
    const labels = { cluster: 'a' };
    const series = [one([2, 4], 'pods_completed_total', labels), one([2, 4], 'x_ratio', labels)];
    const [counted, ratio] = poolSeries([file(series), file([])]).series;
    expect([...counted!.mean]).toEqual([1, 2]);
    expect([...counted!.min]).toEqual([0, 0]);
    expect([...ratio!.mean]).toEqual([2, 4]);
  });

  it('are as long as the longest', () => {
    const pooled = poolSeries([file([one([2])], 1), file([one([4, 6])])]);
    expect(pooled.buckets).toBe(2);
    expect([...pooled.series[0]!.mean]).toEqual([3, 6]);
  });
});
