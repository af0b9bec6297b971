/**
 * Bytes of state a node and a running pod, on a fleet like that of the quickstart: clusters of 4,000 nodes of 32 cores,
 * about ten pods each, failures on. Twice: the columns by their own account, and the process's heap and buffers.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Scenario } from '../src/scenario/scenario.ts';
import {
  cluster,
  GIB,
  job,
  machine,
  podSpec,
  pool,
  SECOND,
  scenario,
  service,
} from '../test/builders/scenario.ts';
import { type BenchOptions, type BenchRow, row } from './rows.ts';
import { prepareRun } from './time-run.ts';

/** Heap and buffers in use, bytes, after everything that can be collected is. */
function usedBytes(collect: () => void): number {
  collect();
  collect();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

function makeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Hybrid fleet: 20 replicas of 2 cores for three nodes of 32, jobs of 8 cores on top. */
function fleet(clusters: number, nodes: number): Scenario {
  const total = clusters * nodes;
  return scenario({
    horizonUs: 7200 * SECOND,
    machineTypes: [machine({ cpuMillicores: 32_000, memoryBytes: 128 * GIB })],
    clusters: Array.from({ length: clusters }, (_, c) =>
      cluster({ name: `c-${String(c).padStart(3, '0')}`, pools: [pool({ count: nodes })] }),
    ),
    workloads: [
      service({
        pod: podSpec({ cpuMillicores: 2000, memoryBytes: 6 * GIB }),
        replicas: { kind: 'constant', count: Math.round(total * 9) },
        startupUs: { law: 'lognormal', median: 5 * SECOND, sigma: 0.5 },
      }),
      job({
        pod: podSpec({ cpuMillicores: 8000, memoryBytes: 24 * GIB }),
        arrivals: { kind: 'poisson', perSecond: total / 10_000 },
        durationUs: { law: 'lognormal', median: 1800 * SECOND, sigma: 1.3 },
      }),
    ],
    policies: {
      placement: { use: 'spill-over', params: {} },
      scheduling: { use: 'least-allocated', params: {} },
      queueing: { use: 'priority', params: {} },
    },
    failures: [
      {
        kind: 'nodes',
        model: { use: 'exponential', params: { mtbf: '365d', repair: '4h' } },
        clusters: null,
        repairers: null,
      },
    ],
    series: { everyUs: 600 * SECOND },
  });
}

/** Bytes of a world before its first event, and ten seconds later, its services placed. */
function bytesOf(clusters: number, nodes: number, collect: () => void): [number, number] {
  const from = fleet(clusters, nodes / clusters);
  const before = usedBytes(collect);
  const simulation = prepareRun(from);
  const built = usedBytes(collect) - before;
  while (simulation.progress().nowUs < 10 * SECOND) simulation.runFor(20_000);
  const filled = usedBytes(collect) - before;
  // Not to be collected before.
  if (simulation.world.clusters.length !== clusters) throw new Error('another fleet');
  return [built, filled];
}

/** What a cluster costs beside its nodes and pods: as many nodes in many clusters and in few. */
function fixedCosts(
  sizes: { readonly few: number; readonly many: number; readonly nodes: number },
  collect: () => void,
): BenchRow[] {
  const few = bytesOf(sizes.few, sizes.nodes, collect);
  const many = bytesOf(sizes.many, sizes.nodes, collect);
  const each = (i: 0 | 1) => (many[i] - few[i]) / (sizes.many - sizes.few);
  return (['built', 'filled'] as const).map((when, i) =>
    row(`a cluster, ${when}`, {
      nodes: sizes.nodes,
      bytesPerCluster: each(i as 0 | 1),
      bytesPerNode: many[i]! / sizes.nodes,
    }),
  );
}

/** Measures an empty fleet, then the same an hour later. Targets: 200 bytes a node, 80 bytes a running pod. */
export async function benchMemory(options: BenchOptions): Promise<BenchRow[]> {
  const collect = makeCollector();
  const nodes = options.isSmoke ? 200 : (options.nodes ?? 4000);
  const clusters = options.isSmoke ? 2 : 8;
  const from = fleet(clusters, nodes);
  // A first world, thrown away, takes what is paid once: code, tables of names.
  prepareRun(fleet(1, 10)).runFor(1000);
  const before = usedBytes(collect);
  const simulation = prepareRun(from);
  const empty = usedBytes(collect);
  while (simulation.progress().nowUs < 3600 * SECOND) simulation.runFor(20_000);
  const filled = usedBytes(collect);
  const { running } = simulation.progress();
  let nodeBytes = 0;
  let podBytes = 0;
  let slots = 0;
  for (const { run } of simulation.world.clusters) {
    nodeBytes += run.cluster.nodes.bytes;
    podBytes += run.cluster.pods.bytes;
    slots += run.cluster.pods.capacity;
  }
  const total = clusters * nodes;
  const many = options.isSmoke
    ? { few: 2, many: 20, nodes: 200 }
    : { few: 10, many: 1000, nodes: 20_000 };
  return [
    ...fixedCosts(many, collect),
    row('columns', {
      nodes: total,
      bytesPerNode: nodeBytes / total,
      bytesPerRunningPod: podBytes / running,
    }),
    row('columns, a slot in use', { nodes: total, bytesPerRunningPod: podBytes / slots }),
    row('process', {
      nodes: total,
      bytesPerNode: (empty - before) / total,
      bytesPerRunningPod: (filled - empty) / running,
    }),
  ];
}
