/** One run of the FGD study through the engine and a registered policy, measured after every arrival. */
import { asNode, type NodeIndex } from '../../../src/base/ids.ts';
import { DECIDED_BIND } from '../../../src/contracts/observer.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { Fragmentation } from '../../../src/policies/scheduling/fgd/fragmentation.ts';
import { typicalPods } from '../../../src/policies/scheduling/fgd/typical-pods.ts';
import { createSimulation } from '../../../src/run/run.ts';
import type { NodeList } from '../../../src/scenario/node-list.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import type { OpenbPod } from '../../../src/workloads/openb.ts';
import { cluster, job, podSpec, pool, SECOND, scenario } from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import type { Column, GivenOrder, PodList } from './fgd-data.ts';
import { NO_MANIFEST } from './manifest.ts';

/** One run to make. */
export interface ReplayInput {
  readonly nodes: NodeList;
  readonly list: PodList;
  readonly order: GivenOrder;
  /** Registered name, such as `fgd/best-fit`. */
  readonly policy: string;
  /** False for the policy that draws its ties. */
  readonly isRanked: boolean;
  readonly seed: number;
}

/** Means over the arrivals that round to one arrived percentage. */
class PercentMeans {
  private readonly sums = new Map<number, Record<Column['metric'], number> & { count: number }>();

  add(percent: number, values: Record<Column['metric'], number>): void {
    let sum = this.sums.get(percent);
    if (sum === undefined) {
      sum = { alloc: 0, frag_total: 0, frag_idle: 0, count: 0 };
      this.sums.set(percent, sum);
    }
    sum.alloc += values.alloc;
    sum.frag_total += values.frag_total;
    sum.frag_idle += values.frag_idle;
    sum.count++;
  }

  /** The mean of a column; NaN if no arrival rounds to its percentage. */
  mean({ metric, arrivedPercent }: Column): number {
    const sum = this.sums.get(arrivedPercent);
    return sum === undefined ? Number.NaN : sum[metric] / sum.count;
  }
}

/** Rounds to the nearest integer, halves to the even one. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Measures a run: told of every bind, it accounts for the arrivals in between, which found no room. */
class Meter {
  readonly means = new PercentMeans();
  private readonly cluster: Cluster;
  private readonly arrivals: readonly OpenbPod[];
  private readonly capacityMilli: number;
  private readonly fragmentation: Fragmentation;
  private readonly fragmentOf: Float64Array;
  private fragments = 0;
  /** As of the last arrival; when a bind is told, the cluster is already one pod ahead. */
  private allocatedMilli = 0;
  private arrivedMilli = 0;
  private next = 0;

  constructor(cluster: Cluster, pods: readonly OpenbPod[], order: readonly number[]) {
    this.cluster = cluster;
    this.arrivals = order.map((i) => pods[i]!);
    this.capacityMilli = cluster.totals.gpuAllocatableMilli;
    const classes = typicalPods(pods.map((pod) => ({ ...pod, count: 1 })));
    this.fragmentation = new Fragmentation(classes, cluster);
    this.fragmentOf = new Float64Array(cluster.nodes.count);
    for (let n = asNode(0); n < cluster.nodes.count; n++) this.refresh(n);
  }

  /** Arrival number `serial` was placed on `node`. */
  bound(serial: number, node: NodeIndex): void {
    if (serial < this.next) throw new Error(`arrival ${serial} was placed after its turn`);
    this.failUntil(serial);
    this.refresh(node);
    this.allocatedMilli = this.cluster.totals.gpuAllocatedMilli;
    this.arrive();
  }

  /** The arrivals up to `serial` found no room. */
  failUntil(serial: number): void {
    while (this.next < serial) this.arrive();
  }

  private refresh(n: NodeIndex): void {
    this.fragmentation.read(n, this.cluster);
    const fresh = this.fragmentation.now();
    this.fragments += fresh - this.fragmentOf[n]!;
    this.fragmentOf[n] = fresh;
  }

  private arrive(): void {
    const { gpuCount, gpuMilli } = this.arrivals[this.next++]!;
    this.arrivedMilli += gpuCount * gpuMilli;
    const { allocatedMilli, capacityMilli, fragments } = this;
    const idleMilli = capacityMilli - allocatedMilli;
    this.means.add(roundHalfEven((this.arrivedMilli / capacityMilli) * 100), {
      alloc: Math.round((allocatedMilli / capacityMilli) * 10_000) / 100,
      frag_total: (fragments / capacityMilli) * 100,
      frag_idle: idleMilli === 0 ? 0 : (fragments / idleMilli) * 100,
    });
  }
}

/** Replays one seed. @returns the mean of any column */
export function replay(input: ReplayInput): (column: Column) => number {
  const { list, order } = input;
  const simulation = createSimulation(studyOf(input), {
    seed: input.seed,
    registry: builtinRegistry(),
    arrivalOrders: { pods: order.arrival },
    manifest: NO_MANIFEST,
  });
  const { run } = simulation.world.clusters[0]!;
  const meter = new Meter(run.cluster, list.pods, order.arrival);
  listen(simulation, 0, {
    decided: (kind, _workload, serial, node) => {
      if (kind === DECIDED_BIND) meter.bound(serial, asNode(node));
    },
  });
  const { reader } = simulation.inputs[0]!;
  reader.push(list.bytes);
  reader.finish();
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  meter.failUntil(order.arrival.length);
  return (column) => meter.means.mean(column);
}

function studyOf({ nodes, order, policy, isRanked }: ReplayInput): Scenario {
  const trace = { format: 'openb', path: 'pods', limit: null, speedup: 1, inflateTo: 1.3 } as const;
  return scenario({
    name: 'fgd',
    horizonUs: (order.arrival.length + 1) * SECOND,
    machineTypes: nodes.machineTypes,
    clusters: [
      cluster({
        pools: [
          pool({
            machineType: nodes.nodes[0]!.machineType,
            count: nodes.nodes.length,
            nodes: nodes.nodes,
          }),
        ],
      }),
    ],
    workloads: [
      job({
        name: 'pods',
        pod: podSpec({ cpuMillicores: 0, memoryBytes: 0 }),
        arrivals: { kind: 'trace', trace },
      }),
    ],
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: { use: policy, params: isRanked ? { ranks: order.nodeTieRank } : {} },
      queueing: { use: 'fifo', params: {} },
    },
    series: { everyUs: order.arrival.length * SECOND },
  });
}
