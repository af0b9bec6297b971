/** A look at a run while it goes: for people who watch it, never for its result. */
import { CPU } from '../base/ids.ts';
import { Histogram, type HistogramData } from '../collections/histogram.ts';
import { COMPLETED, LOST } from '../contracts/observer.ts';
import type { WindowedWaits } from '../metrics/waits.ts';
import { NODE_STATES, OFF } from '../model/view.ts';
import { LIVENESS, type Message } from '../processes/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { World } from './build.ts';
import type { BuiltCluster } from './build-cluster.ts';
import type { ClusterBooks } from './cluster-books.ts';
import { nodesOfTarget } from './fleet-plan.ts';
import { EVICTION_COUNTERS } from './measure.ts';

/** Something that a watcher should hear of. */
export interface Notice {
  readonly atUs: number;
  readonly kind: 'outage-began' | 'outage-ended' | 'cluster-lost' | 'cluster-back';
  /** Name of the outage, or of the cluster. */
  readonly name: string;
  /** Nodes of an outage that go dark or come back; of clusters null. */
  readonly nodes: number | null;
  /** Further clusters that the same happened to at the same instant. */
  readonly others: number;
}

/** What a watcher sees at an instant; all numbers are of the whole fleet. */
export interface Glance {
  readonly completed: number;
  readonly lost: number;
  readonly evicted: number;
  /** Nodes by state. */
  readonly nodes: Readonly<Record<(typeof NODE_STATES)[number], number>>;
  /** Cpu requested of what working nodes have; null where no node works. */
  readonly cpuAllocationRatio: number | null;
  /** 99th percentile of the waits that began in the latest one or two series buckets; null without any. */
  readonly waitP99Us: number | null;
  /** Price of the nodes that are there, and fees; in the scenario's currency. */
  readonly dollarsPerHour: number;
  /** The cluster with the largest share of its cpu requested; null for a fleet of one. *Order*: first by index. */
  readonly worst: {
    readonly cluster: string;
    readonly cpuAllocationRatio: number;
    readonly pending: number;
  } | null;
  /** The latest notices, oldest first. */
  readonly notices: readonly Notice[];
}

/** Notices that are kept: as many as a screen shows, and some. */
const NOTICES_MAX = 8;

/**
 * Remembers the latest notices of a run. Outages are read from the scenario, which fixes them; what the placer learns of
 * clusters comes by its mail.
 */
export class Notices {
  private readonly world: World;
  private readonly mailed: Notice[] = [];
  private readonly nodesDark = new Map<string, number>();

  constructor(world: World) {
    this.world = world;
  }

  /** Hears a message to the placer. *Cost*: one comparison for most. */
  heard(message: Message): void {
    if (message.kind !== LIVENESS) return;
    const kind = message.count === 0 ? 'cluster-lost' : 'cluster-back';
    const { name } = this.world.scenario.clusters[message.cluster]!;
    const { atUs } = message;
    const last = this.mailed.at(-1);
    if (last?.kind === kind && last.atUs === atUs) {
      this.mailed[this.mailed.length - 1] = { ...last, others: last.others + 1 };
      return;
    }
    this.mailed.push({ atUs, kind, name, nodes: null, others: 0 });
    if (this.mailed.length > NOTICES_MAX) this.mailed.shift();
  }

  /** The latest notices up to `nowUs`. *Order*: time, outages before clusters. */
  latest(nowUs: number): Notice[] {
    const notices: Notice[] = [];
    for (const failure of this.world.scenario.failures) {
      if (failure.kind !== 'outage' || failure.atUs > nowUs) continue;
      const { name, atUs, forUs } = failure;
      const nodes = this.nodesOf(failure);
      notices.push({ atUs, kind: 'outage-began', name, nodes, others: 0 });
      if (atUs + forUs <= nowUs) {
        notices.push({ atUs: atUs + forUs, kind: 'outage-ended', name, nodes, others: 0 });
      }
    }
    notices.push(...this.mailed.filter((notice) => notice.atUs <= nowUs));
    return notices.sort((a, b) => a.atUs - b.atUs).slice(-NOTICES_MAX);
  }

  private nodesOf(outage: Scenario['failures'][number] & { readonly kind: 'outage' }): number {
    const key = JSON.stringify([outage.name, outage.target]);
    let nodes = this.nodesDark.get(key);
    if (nodes === undefined) {
      nodes = 0;
      for (const plan of this.world.plans) nodes += nodesOfTarget(plan, outage.target).nodes.length;
      this.nodesDark.set(key, nodes);
    }
    return nodes;
  }
}

/** What a look at the clusters of one thread gives: sums, which add up over threads. */
export interface GroupLook {
  readonly completed: number;
  readonly lost: number;
  readonly evicted: number;
  /** Nodes by state. */
  readonly nodes: readonly number[];
  /** Cpu of working nodes. */
  readonly allocated: number;
  readonly allocatable: number;
  readonly dollarsPerHour: number;
  readonly worst: (NonNullable<Glance['worst']> & { readonly index: number }) | null;
  /** Waits of late that nobody else knows of; null where they are recorded with those of the fleet. */
  readonly recent: HistogramData | null;
}

/** A look at clusters that nobody can see yet. */
export const NO_LOOK: GroupLook = {
  completed: 0,
  lost: 0,
  evicted: 0,
  nodes: NODE_STATES.map(() => 0),
  allocated: 0,
  allocatable: 0,
  dollarsPerHour: 0,
  worst: null,
  recent: null,
};

/**
 * Looks at clusters.
 *
 * *Cost*: O(clusters x pools x workloads): well below a millisecond for 1,000 clusters, so that four a second are not felt.
 */
export function lookAt(
  clusters: readonly BuiltCluster[],
  scenario: Scenario,
  recent: Histogram | null,
): GroupLook {
  const nodes = new Array<number>(NODE_STATES.length).fill(0);
  const podsBy = { completed: 0, lost: 0, evicted: 0 };
  let allocated = 0;
  let allocatable = 0;
  let dollarsPerHour = 0;
  let worst: GroupLook['worst'] = null;
  for (const { books, recorder, run } of clusters) {
    const { totals } = run.cluster;
    for (let state = 0; state < nodes.length; state++) nodes[state]! += totals.nodes[state]!;
    allocated += totals.allocated[CPU]!;
    allocatable += totals.allocatable[CPU]!;
    dollarsPerHour += priceOf(books, scenario);
    podsBy.completed += recorder.countedFromStart(COMPLETED);
    podsBy.lost += recorder.countedFromStart(LOST);
    for (const { counter } of EVICTION_COUNTERS) {
      podsBy.evicted += recorder.countedFromStart(counter);
    }
    const ratio = totals.allocated[CPU]! / totals.allocatable[CPU]!;
    if (worst === null ? ratio >= 0 : ratio > worst.cpuAllocationRatio) {
      const pending = recorder.gauges.value(recorder.pending);
      worst = { index: run.index, cluster: books.name, cpuAllocationRatio: ratio, pending };
    }
  }
  return {
    ...podsBy,
    nodes,
    allocated,
    allocatable,
    dollarsPerHour,
    worst,
    recent:
      recent === null
        ? null
        : { ...recent.toBins(), sum: recent.sum, min: recent.min, max: recent.max },
  };
}

function priceOf({ plan, recorder }: ClusterBooks, scenario: Scenario): number {
  const { paid } = recorder;
  const provider = scenario.providers.find((p) => p.name === plan.cluster.provider)!;
  let dollars = provider.clusterFeeDollarsPerHour;
  plan.kinds.forEach(({ pool, type }, kind) => {
    let count = 0;
    for (let state = 0; state < NODE_STATES.length; state++) {
      if (state !== OFF) count += paid.value(kind * NODE_STATES.length + state);
    }
    dollars += count * (type.prices[pool.price] ?? 0);
  });
  return dollars;
}

/** The waits that began in the latest one or two series buckets. @param nowUs instant that the run has reached */
export function recentWaits(waits: WindowedWaits, scenario: Scenario, nowUs: number): Histogram {
  const last = Math.floor(nowUs / scenario.series.everyUs);
  const recent = new Histogram();
  for (const buckets of waits.buckets) {
    for (let b = Math.max(0, last - 1); b <= last; b++) {
      const pair = buckets[b];
      if (pair !== undefined) recent.merge(pair.full);
    }
  }
  return recent;
}

/**
 * Puts together what the threads of a run saw.
 *
 * @param nowUs instant that the run has reached
 */
export function glanceOf(
  world: World,
  looks: readonly GroupLook[],
  notices: Notices,
  nowUs: number,
): Glance {
  const sum = (of: (look: GroupLook) => number): number =>
    looks.reduce((total, look) => total + of(look), 0);
  const allocatable = sum((look) => look.allocatable);
  const recent = recentWaits(world.fleetRecorder.waits, world.scenario, nowUs);
  for (const look of looks) if (look.recent !== null) recent.merge(Histogram.fromBins(look.recent));
  return {
    completed: sum((look) => look.completed),
    lost: sum((look) => look.lost),
    evicted: sum((look) => look.evicted),
    nodes: Object.fromEntries(
      NODE_STATES.map((state, i) => [state, sum((look) => look.nodes[i]!)]),
    ) as Glance['nodes'],
    cpuAllocationRatio: allocatable > 0 ? sum((look) => look.allocated) / allocatable : null,
    waitP99Us: recent.quantile(0.99),
    dollarsPerHour: sum((look) => look.dollarsPerHour),
    worst: world.books.length > 1 ? worstOf(looks) : null,
    notices: notices.latest(nowUs),
  };
}

function worstOf(looks: readonly GroupLook[]): Glance['worst'] {
  let worst: GroupLook['worst'] = null;
  for (const look of looks) {
    const own = look.worst;
    if (own === null) continue;
    const isTighter = worst === null || own.cpuAllocationRatio > worst.cpuAllocationRatio;
    const isAsTight = own.cpuAllocationRatio === worst?.cpuAllocationRatio;
    if (isTighter || (isAsTight && own.index < worst!.index)) worst = own;
  }
  if (worst === null) return null;
  const { cluster, cpuAllocationRatio, pending } = worst;
  return { cluster, cpuAllocationRatio, pending };
}
