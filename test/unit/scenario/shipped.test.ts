/** The shipped scenarios load, and say what their text says. Whether their thresholds hold is tested where they run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../../src/scenario/load.ts';
import type { Cluster, Scenario } from '../../../src/scenario/scenario.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(path, 'utf8');
const load = (name: string, env: Record<string, string> = {}): Scenario =>
  loadScenario({ path: `${root}scenarios/${name}.yaml`, readText: read, env }).scenario;
const nodes = (clusters: readonly Cluster[], of: 'count' | 'max' = 'count'): number =>
  clusters.flatMap((cluster) => cluster.pools).reduce((sum, pool) => sum + pool[of], 0);

describe('quickstart', () => {
  const scenario = load('quickstart');
  it('has 100,000 nodes in 28 clusters of at most 5,000', () => {
    expect(scenario.clusters).toHaveLength(28);
    // 24 * 4,000 + 4 * 1,000
    expect(nodes(scenario.clusters)).toBe(100_000);
    for (const cluster of scenario.clusters) expect(nodes([cluster], 'max')).toBeLessThan(5001);
  });
  it('loses a zone of 16,000 nodes once', () => {
    const dark = scenario.clusters.filter((cluster) => cluster.zone === 'seoul-b');
    expect(nodes(dark)).toBe(16_000);
    expect(scenario.failures.filter((failure) => failure.kind === 'outage')).toHaveLength(1);
  });
});

describe('outage', () => {
  const scenario = load('outage');
  it('has the sizes of its own arithmetic', () => {
    expect(nodes(scenario.clusters)).toBe(6000);
    expect(nodes(scenario.clusters, 'max')).toBe(7200);
    const pods = scenario.workloads.map((workload) =>
      workload.kind === 'service' && workload.replicas.kind === 'constant'
        ? workload.replicas.count
        : 0,
    );
    // 0.65 * 6,000 * 30
    expect(pods.reduce((sum, count) => sum + count, 0)).toBe(117_000);
    // 3,990m / 133m = 30
    const idc = scenario.machineTypes.find((type) => type.name === 'idc-4c-16g')!;
    expect(idc.cpuMillicores / scenario.workloads[0]!.pod.cpuMillicores).toBe(30);
  });
});

describe('mmc', () => {
  it('waits in theory as long as its text says', () => {
    // Erlang C by recursion over b_k = a b_(k-1) / (k + a b_(k-1)), a = 60, c = 64.
    let blocking = 1;
    for (let k = 1; k <= 64; k++) blocking = (60 * blocking) / (k + 60 * blocking);
    const rho = 60 / 64;
    const waits = blocking / (1 - rho * (1 - blocking));
    expect(waits).toBeCloseTo(0.506866, 6);
    expect(waits / (64 - 60)).toBeCloseTo(0.126717, 6);
  });
  it('has 64 servers at a load of 60', () => {
    const scenario = load('mmc');
    expect(nodes(scenario.clusters)).toBe(1);
    expect(scenario.machineTypes[0]!.cpuMillicores / scenario.workloads[0]!.pod.cpuMillicores).toBe(
      64,
    );
    expect(scenario.workloads[0]).toMatchObject({
      arrivals: { kind: 'poisson', perSecond: 60 },
      durationUs: { law: 'exponential', mean: 1e6 },
    });
  });
});

describe('policies', () => {
  it('has three clusters that differ in nothing but name, zone and scheduler', () => {
    const { clusters } = load('policies');
    const rest = clusters.map((cluster) => ({
      ...cluster,
      name: '',
      zone: '',
      site: '',
      scheduling: null,
      pools: cluster.pools.map((pool) => ({ ...pool, zone: '' })),
    }));
    expect(rest[1]).toEqual(rest[0]);
    expect(rest[2]).toEqual(rest[0]);
    expect(new Set(clusters.map((cluster) => cluster.scheduling?.use)).size).toBe(3);
  });
});

describe('openb-fgd', () => {
  it('says how to get the trace where there is none', () => {
    expect(() => load('openb-fgd')).toThrow(/ORRERY_DATA.*alibaba\/clusterdata/);
  });

  const data = process.env.ORRERY_DATA ?? `${root}../shared`;
  const isThere = existsSync(`${data}/traces/openb`);
  if (!isThere) console.warn('openb-fgd: no data, set ORRERY_DATA: skipped');
  it.skipIf(!isThere && process.env.CI !== 'true')('has 1,213 nodes with 6,212 GPUs', () => {
    const scenario = load('openb-fgd', { ORRERY_DATA: data });
    expect(nodes(scenario.clusters)).toBe(1213);
    const gpus = new Map(scenario.machineTypes.map((type) => [type.name, type.gpus?.count ?? 0]));
    const pool = scenario.clusters[0]!.pools[0]!;
    expect(pool.nodes!.reduce((sum, node) => sum + gpus.get(node.machineType)!, 0)).toBe(6212);
  });
});

describe('the catalogue', () => {
  it('has prices for every machine type, and sources with a date', () => {
    const catalogs = readdirSync(`${root}scenarios/catalog`);
    expect(catalogs).toEqual(['2026-07.yaml']);
    const { catalogs: used } = load('quickstart');
    expect(used[0]).toMatchObject({ name: 'catalog-2026-07', date: '2026-07-20' });
  });
  it('has the cost of the private host that its comment adds up', () => {
    const hours = 8760;
    const own =
      15_000 / 35_040 +
      (15_000 * 0.075) / hours +
      (((128 * 0.74 + 128 * 3.5) / 2) * 1.56 * 0.1) / 1000 +
      (0.448 * 160) / 730 +
      150_000 / 750 / hours;
    expect(own).toBeCloseTo(0.7198, 3);
    const type = load('policies').machineTypes.find((machine) => machine.name === 'm-32c-128g');
    expect(type!.prices.owned).toBeCloseTo(own / 2, 3);
  });
});
