/**
 * Kubernetes' node lifecycle controller and its taint eviction controller, for one cluster.
 *
 *   node dies --no lease--> (a pass, 50 s after the last one seen) Unknown: pods not ready, NoSchedule taint
 *        --its zone's bucket--> NoExecute taint --toleration of each pod (300 s)--> pod deleted
 *   node returns --Ready seen by the next pass--> taints and timers gone; pods stay
 *
 * Passes run every 5 s while something is wrong, on the grid of an idle controller; leases are not simulated one by one: the
 * age of the last one is drawn when its node dies.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/nodelifecycle and tainteviction. *Draws*: lease age and first status of a
 * returning node by (node, its failures); order of a zone's queue by (node, pass).
 */
import { asPod, type EventHandle, NONE, type NodeIndex, type PodHandle } from '../../base/ids.ts';
import type { PolicyStream } from '../../contracts/policy.ts';
import { NODE_STATES, OFF } from '../../model/view.ts';
import type { ClusterRun } from '../cluster-run.ts';
import { NODE_EVICT, NODE_MONITOR, NODE_TAINT, TAINT_EVICT } from '../kinds.ts';
import type { NodeWatch } from '../node-watch.ts';
import { ApiBucket } from './api-bucket.ts';
import { type ZoneCount, type ZoneLimits, ZoneTaints } from './zone-taints.ts';

/** What the controllers are configured with; times in microseconds. */
export interface NodeLifecycleTimes {
  readonly monitorPeriodUs: number;
  readonly gracePeriodUs: number;
  readonly leasePeriodUs: number;
  /** Largest share by which a period between leases is longer. */
  readonly leaseJitter: number;
  readonly statusPeriodUs: number;
}

/** What the rest of the cluster hears of. */
export interface NodeLifecycleEffects {
  /** The taints of a node changed. */
  tainted(
    n: NodeIndex,
    taints: { readonly noSchedule: boolean; readonly noExecute: boolean },
  ): void;
  /** The node's pods are not ready any more, or may be again. */
  readyChanged(n: NodeIndex, isReady: boolean): void;
  /** How long the pod bears the taint of an unreachable node, microseconds; Infinity for ever. */
  toleratesUs(p: number): number;
  /** Deletes a pod of a node that is given up. */
  evict(p: number, n: NodeIndex): void;
}

/** What the controllers are made of. */
export interface NodeLifecycleParts {
  readonly times: NodeLifecycleTimes;
  readonly zones: ZoneLimits;
  /** Each of the two controllers has a bucket of its own; null is an ideal API. */
  readonly api: { readonly perSecond: number; readonly burst: number } | null;
  zoneOf(n: NodeIndex): string;
  readonly draws: PolicyStream;
  readonly effects: NodeLifecycleEffects;
}

/** A node that is dead, or was until lately. */
interface Watched {
  /** Pass that saw its last sign of life. */
  probeUs: number;
  /** Instant from which it shows signs of life again; Infinity while it is dead. */
  aliveFromUs: number;
  isUnknown: boolean;
  /** Instant of its NoExecute taint, or -1. */
  taintedAtUs: number;
  eviction: EventHandle;
}

/** Draws of passes start above those of failures: 2^40. */
const QUEUE_DRAWS = 1_099_511_627_776;
/** Calls per pod that the taint eviction controller makes: get, status, delete. */
const CALLS_PER_EVICTION = 3;

/** Watches the nodes of one cluster as Kubernetes does. */
export class NodeLifecycle implements NodeWatch {
  private readonly run: ClusterRun;
  private readonly parts: NodeLifecycleParts;
  private readonly taints: ZoneTaints;
  private readonly api: ApiBucket;
  private readonly evictionApi: ApiBucket;
  /** *Order*: as they died. */
  private readonly watched = new Map<NodeIndex, Watched>();
  /** Pods whose time is up, in order, with the node that they were on. */
  private readonly doomed: { readonly pod: PodHandle; readonly node: NodeIndex }[] = [];
  private readonly doomedPods = new Set<PodHandle>();
  /** Some pass of the grid that passes run on. */
  private passUs: number;
  private passes = 0;
  private pass: EventHandle = NONE as EventHandle;
  private taint: EventHandle = NONE as EventHandle;
  private isEvicting = false;
  private readonly zoneSizes = new Map<string, number>();
  /** Listed nodes when the sizes were counted. */
  private sizedFor = -1;

  constructor(run: ClusterRun, parts: NodeLifecycleParts) {
    this.run = run;
    this.parts = parts;
    this.taints = new ZoneTaints(parts.zones);
    this.api = new ApiBucket(parts.api);
    this.evictionApi = new ApiBucket(parts.api);
    this.passUs = Math.floor(parts.draws.uniform(0, 0) * parts.times.monitorPeriodUs);
  }

  died(n: NodeIndex): void {
    const { run } = this;
    const { draws, times } = this.parts;
    const before = this.watched.get(n);
    const entry: Watched = before ?? {
      probeUs: 0,
      aliveFromUs: Number.POSITIVE_INFINITY,
      isUnknown: false,
      taintedAtUs: -1,
      eviction: NONE as EventHandle,
    };
    const isStillSilent = before !== undefined && before.aliveFromUs > run.nowUs;
    entry.aliveFromUs = Number.POSITIVE_INFINITY;
    if (!isStillSilent) {
      const u = draws.uniform(run.cluster.nodes.key[n]!, 2 * run.cluster.nodes.failures[n]!);
      const periodUs = times.leasePeriodUs * (1 + times.leaseJitter / 2);
      entry.probeUs = this.passFrom(run.nowUs - Math.round(u * periodUs));
    }
    this.watched.set(n, entry);
    if (!run.isDark) this.awaitPass(this.passFrom(run.nowUs));
  }

  returned(n: NodeIndex): void {
    const { run } = this;
    const { draws, times } = this.parts;
    const entry = this.watched.get(n);
    if (entry === undefined) return;
    const u = draws.uniform(run.cluster.nodes.key[n]!, 2 * run.cluster.nodes.failures[n]! + 1);
    entry.aliveFromUs = run.nowUs + Math.round(u * times.statusPeriodUs);
  }

  /** The controller starts anew: what it knew of leases and timers is forgotten, taints stay. */
  lit(): void {
    const { nowUs } = this.run;
    this.passUs = nowUs;
    for (const [n, entry] of this.watched) {
      entry.probeUs = nowUs;
      if (entry.taintedAtUs >= 0) {
        entry.taintedAtUs = nowUs;
        this.awaitEvictions(n, entry);
      }
    }
    if (this.watched.size > 0) this.awaitPass(nowUs);
    this.evictNext();
  }

  /** The first pass of the grid at or after an instant. */
  private passFrom(atUs: number): number {
    const { monitorPeriodUs } = this.parts.times;
    return this.passUs + Math.ceil((atUs - this.passUs) / monitorPeriodUs) * monitorPeriodUs;
  }

  private awaitPass(atUs: number): void {
    if (this.pass === NONE) this.pass = this.run.engine.at(atUs, NODE_MONITOR, 0);
  }

  /** The event of a pass. @param phase 0 looks at every node, 1 ends a pass that waited for its calls */
  monitor(phase: number): void {
    this.pass = NONE as EventHandle;
    if (this.run.isDark) return;
    if (phase === 1) {
      this.endPass();
      return;
    }
    const { nowUs } = this.run;
    this.passUs = nowUs;
    this.passes++;
    let endUs = nowUs;
    for (const [n, entry] of this.watched) endUs = Math.max(endUs, this.look(n, entry));
    if (endUs === nowUs) this.endPass();
    else this.pass = this.run.engine.at(endUs, NODE_MONITOR, 1);
  }

  /** One node of a pass. @returns the instant at which its calls are done */
  private look(n: NodeIndex, entry: Watched): number {
    const { nowUs } = this.run;
    const { effects, times } = this.parts;
    if (entry.aliveFromUs <= nowUs) {
      this.watched.delete(n);
      if (!entry.isUnknown) return nowUs;
      this.untaint(n, entry);
      this.taints.drop(this.parts.zoneOf(n), n);
      effects.tainted(n, { noSchedule: false, noExecute: false });
      effects.readyChanged(n, true);
      return this.api.takeAtUs(nowUs, 2);
    }
    if (entry.isUnknown || nowUs < entry.probeUs + times.gracePeriodUs) return nowUs;
    entry.isUnknown = true;
    effects.tainted(n, { noSchedule: true, noExecute: false });
    effects.readyChanged(n, false);
    // The node's status, its NoSchedule taint, and the status of each of its pods.
    return this.api.takeAtUs(nowUs, 2 + this.run.cluster.nodes.podCount[n]!);
  }

  private endPass(): void {
    const { nowUs } = this.run;
    this.passUs = nowUs;
    this.queueUnknown();
    switch (this.taints.judge(this.countZones(), nowUs)) {
      case 'all-full-began':
        for (const [n, entry] of this.watched) {
          if (entry.taintedAtUs < 0) continue;
          this.untaint(n, entry);
          this.parts.effects.tainted(n, { noSchedule: entry.isUnknown, noExecute: false });
        }
        break;
      case 'all-full-ended':
        for (const entry of this.watched.values()) entry.probeUs = nowUs;
        break;
      case 'none':
    }
    this.awaitTaint();
    if (this.watched.size > 0) this.awaitPass(nowUs + this.parts.times.monitorPeriodUs);
  }

  /** Every pass stamps the queue anew, so that its order is that of the last pass: drawn. */
  private queueUnknown(): void {
    const { draws, zoneOf } = this.parts;
    const { key } = this.run.cluster.nodes;
    const byZone = new Map<string, { n: NodeIndex; draw: number }[]>();
    for (const [n, entry] of this.watched) {
      const zone = zoneOf(n);
      let list = byZone.get(zone);
      if (list === undefined) {
        list = [];
        byZone.set(zone, list);
      }
      if (entry.isUnknown && entry.taintedAtUs < 0) {
        list.push({ n, draw: draws.uniform(key[n]!, QUEUE_DRAWS + this.passes) });
      }
    }
    for (const [zone, list] of byZone) {
      list.sort((a, b) => a.draw - b.draw || a.n - b.n);
      this.taints.setQueue(
        zone,
        list.map(({ n }) => n),
      );
    }
  }

  private countZones(): ReadonlyMap<string, ZoneCount> {
    const notReady = new Map<string, number>();
    for (const [n, entry] of this.watched) {
      if (!entry.isUnknown) continue;
      const zone = this.parts.zoneOf(n);
      notReady.set(zone, (notReady.get(zone) ?? 0) + 1);
    }
    const counts = new Map<string, ZoneCount>();
    for (const [zone, size] of this.sizes()) {
      const lost = notReady.get(zone) ?? 0;
      counts.set(zone, { ready: size - lost, notReady: lost });
    }
    return counts;
  }

  /** Nodes by zone that exist; counted again only when nodes came or went. */
  private sizes(): ReadonlyMap<string, number> {
    const { nodes, totals } = this.run.cluster;
    const absent = totals.nodes[OFF]! + totals.nodes[NODE_STATES.indexOf('booting')]!;
    if (this.sizedFor === nodes.count - absent) return this.zoneSizes;
    this.sizedFor = nodes.count - absent;
    this.zoneSizes.clear();
    for (let i = 0; i < nodes.count; i++) {
      const n = i as NodeIndex;
      if (nodes.state[n] === OFF || NODE_STATES[nodes.state[n]!] === 'booting') continue;
      const zone = this.parts.zoneOf(n);
      this.zoneSizes.set(zone, (this.zoneSizes.get(zone) ?? 0) + 1);
    }
    return this.zoneSizes;
  }

  private awaitTaint(): void {
    const { engine, nowUs } = this.run;
    if (this.taint !== NONE) engine.cancel(this.taint);
    const atUs = this.taints.nextAtUs(nowUs);
    this.taint = Number.isFinite(atUs) ? engine.at(atUs, NODE_TAINT, 0) : (NONE as EventHandle);
  }

  /** The event of a zone's token: its next node is tainted. */
  taintNext(): void {
    const { run } = this;
    this.taint = NONE as EventHandle;
    if (run.isDark) return;
    for (const node of this.taints.take(run.nowUs)) {
      const n = node as NodeIndex;
      const entry = this.watched.get(n);
      if (entry === undefined || !entry.isUnknown) continue;
      entry.taintedAtUs = this.api.takeAtUs(run.nowUs, 1);
      this.parts.effects.tainted(n, { noSchedule: true, noExecute: true });
      this.awaitEvictions(n, entry);
    }
    this.awaitTaint();
  }

  private untaint(n: NodeIndex, entry: Watched): void {
    entry.taintedAtUs = -1;
    this.run.engine.cancel(entry.eviction);
    entry.eviction = NONE as EventHandle;
    for (let i = this.doomed.length - 1; i >= 0; i--) {
      if (this.doomed[i]!.node !== n) continue;
      this.doomedPods.delete(this.doomed[i]!.pod);
      this.doomed.splice(i, 1);
    }
  }

  /** Waits for the first pod of a tainted node whose toleration ends. */
  private awaitEvictions(n: NodeIndex, entry: Watched): void {
    const { cluster, engine, nowUs } = this.run;
    engine.cancel(entry.eviction);
    let firstUs = Number.POSITIVE_INFINITY;
    cluster.forEachPod(n, (p) => {
      const untilUs = entry.taintedAtUs + this.parts.effects.toleratesUs(p);
      if (untilUs < firstUs && !this.isDoomed(p)) firstUs = untilUs;
    });
    entry.eviction = Number.isFinite(firstUs)
      ? engine.at(Math.max(nowUs, firstUs), NODE_EVICT, n)
      : (NONE as EventHandle);
  }

  private isDoomed(p: number): boolean {
    return this.doomedPods.has(this.run.cluster.pods.handle(asPod(p)));
  }

  /** A pod was bound to a node that does not answer: its clock starts now. */
  podBound(n: NodeIndex): void {
    const entry = this.watched.get(n);
    if (entry !== undefined && entry.taintedAtUs >= 0) this.awaitEvictions(n, entry);
  }

  due(n: NodeIndex): void {
    const entry = this.watched.get(n);
    if (entry === undefined) return;
    entry.eviction = NONE as EventHandle;
    if (this.run.isDark) return;
    const { cluster, nowUs } = this.run;
    cluster.forEachPod(n, (p) => {
      const untilUs = entry.taintedAtUs + this.parts.effects.toleratesUs(p);
      if (untilUs <= nowUs && !this.isDoomed(p)) {
        const pod = cluster.pods.handle(p);
        this.doomed.push({ pod, node: n });
        this.doomedPods.add(pod);
      }
    });
    this.awaitEvictions(n, entry);
    this.evictNext();
  }

  /** Deletes pods as the eviction controller's tokens allow, first come first served. */
  private evictNext(): void {
    const { engine, nowUs } = this.run;
    if (this.isEvicting || this.run.isDark) return;
    while (this.doomed.length > 0) {
      const atUs = this.evictionApi.takeAtUs(nowUs, CALLS_PER_EVICTION);
      if (atUs > nowUs) {
        this.isEvicting = true;
        engine.at(atUs, TAINT_EVICT, 0);
        return;
      }
      this.evictOne();
    }
  }

  /** The event of the eviction controller's tokens. */
  tokenCame(): void {
    this.isEvicting = false;
    if (this.run.isDark) return;
    if (this.doomed.length > 0) this.evictOne();
    this.evictNext();
  }

  private evictOne(): void {
    const { node, pod } = this.doomed.shift()!;
    this.doomedPods.delete(pod);
    const { pods } = this.run.cluster;
    const p = pods.find(pod);
    if (p !== -1 && pods.node(p) === node) this.parts.effects.evict(p, node);
  }
}
