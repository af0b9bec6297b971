import { asNode, type NodeIndex, PODS, type ShapeIndex, type WorkloadIndex } from '../base/ids.ts';
import { Trajectory } from '../base/trajectory.ts';
import { Histogram } from '../collections/histogram.ts';
import { type ClusterObserver, COUNTERS, type WaitingPod } from '../contracts/observer.ts';
import type { ClusterView } from '../model/view.ts';
import { DOWN, NODE_STATES } from '../model/view.ts';
import type { ClassTable } from './classes.ts';
import { ExactSums } from './exact-sums.ts';
import { Gauges } from './integrals.ts';
import { AllocationMeter } from './ratios.ts';
import { type CensoredHistogram, censoredHistogram, type WindowedWaits } from './waits.ts';

/** Causes of waiting: see `CAUSES` of `model/pods.ts`. */
const CAUSE_COUNT = 3;

/** Sums over a cluster's working nodes, as the model keeps them. */
export interface TotalsView {
  readonly allocated: Float64Array;
  readonly allocatable: Float64Array;
  readonly gpuAllocatedMilli: number;
  readonly gpuAllocatableMilli: number;
}

/** What a recorder is made of. */
export interface RecorderParts {
  readonly cluster: ClusterView;
  readonly totals: TotalsView;
  /** Kind of each node for the bill: one number per (pool, machine type). */
  readonly kindOf: Int32Array;
  readonly kinds: number;
  /** Stable key of each workload. */
  readonly workloadKeys: readonly number[];
  readonly classes: ClassTable;
  readonly fleetWaits: WindowedWaits;
  readonly warmupUs: number;
}

/**
 * Turns what the processes of one cluster tell into numbers: counters, time-weighted gauges, distributions, resource-time.
 *
 * *Guarantees*: nothing that it does can change a decision; sums and integrals are exact. *Price*: about ten additions a
 * bind and a release.
 */
export class ClusterRecorder implements ClusterObserver {
  /** By counter x workload, from time 0. */
  readonly counters: Float64Array;
  /** The same when the warm-up ended. */
  readonly countersAtWarmup: Float64Array;
  readonly gauges = new Gauges();
  /** Nodes by kind x state, from time 0: what is paid. */
  readonly paid = new Gauges();
  readonly allocation: AllocationMeter;
  readonly trajectory = new Trajectory();
  /** Resource-time by (kind x workload) x resource, GPUs last; grains x microseconds, from time 0. */
  readonly heldSums: ExactSums;
  /** By workload x cause; undefined until the first sample. */
  readonly waits: (CensoredHistogram | undefined)[];
  /** By class x cause. */
  readonly classWaits: (CensoredHistogram | undefined)[] = [];
  private readonly startupTimes = new Map<number, Histogram>();
  /** By the same slots: starts that took no time, as long as all did, not in the histogram yet. */
  private readonly instantStarts: number[] = [];
  readonly running: number;
  readonly pending: number;
  readonly runningBy: readonly number[];
  readonly pendingBy: readonly number[];
  readonly nodesBy: readonly number[];
  readonly reasons = new Map<string, number>();
  nodeFailures = 0;
  nodeFailuresAtWarmup = 0;
  /** The engine's clock; at 0 before there is an engine. */
  clock: { readonly nowUs: number } = { nowUs: 0 };
  private lastReason = '';
  private lastReasonGauge = -1;
  private readonly parts: RecorderParts;
  private readonly workloadCount: number;
  private readonly resources: number;

  constructor(parts: RecorderParts) {
    this.parts = parts;
    const { gauges } = this;
    this.workloadCount = parts.workloadKeys.length;
    this.resources = parts.cluster.resources.count;
    this.counters = new Float64Array(COUNTERS.length * this.workloadCount);
    this.countersAtWarmup = new Float64Array(this.counters.length);
    this.allocation = new AllocationMeter(this.resources + 1);
    this.heldSums = new ExactSums(parts.kinds * this.workloadCount * (this.resources + 1));
    this.waits = new Array(this.workloadCount * CAUSE_COUNT).fill(undefined);
    this.running = gauges.open();
    this.pending = gauges.open();
    this.runningBy = parts.workloadKeys.map(() => gauges.open());
    this.pendingBy = parts.workloadKeys.map(() => gauges.open());
    this.nodesBy = NODE_STATES.map(() => gauges.open());
    for (let i = 0; i < parts.kinds * NODE_STATES.length; i++) this.paid.open();
    const { nodes } = parts.cluster;
    for (let n = asNode(0); n < nodes.count; n++) this.countNode(n, nodes.state[n]!, 1);
    this.totalsChanged();
  }

  private countNode(n: NodeIndex, state: number, delta: number): void {
    const now = this.clock.nowUs;
    this.gauges.add(this.nodesBy[state]!, delta, now);
    this.paid.add(this.parts.kindOf[n]! * NODE_STATES.length + state, delta, now);
  }

  count(counter: number, workload: WorkloadIndex, amount: number): void {
    this.counters[counter * this.workloadCount + workload]! += amount;
  }

  pendingChanged(reason: string, workload: WorkloadIndex, delta: number): void {
    const now = this.clock.nowUs;
    if (reason !== this.lastReason) this.findReason(reason);
    this.gauges.add(this.lastReasonGauge, delta, now);
    this.gauges.add(this.pending, delta, now);
    this.gauges.add(this.pendingBy[workload]!, delta, now);
  }

  private findReason(reason: string): void {
    let gauge = this.reasons.get(reason);
    if (gauge === undefined) {
      gauge = this.gauges.open();
      this.reasons.set(reason, gauge);
    }
    this.lastReason = reason;
    this.lastReasonGauge = gauge;
  }

  boundChanged(workload: WorkloadIndex, delta: number): void {
    const now = this.clock.nowUs;
    this.gauges.add(this.running, delta, now);
    this.gauges.add(this.runningBy[workload]!, delta, now);
  }

  waited(pod: WaitingPod, sinceUs: number, censored: boolean): void {
    if (sinceUs < this.parts.warmupUs) return;
    const waitUs = this.clock.nowUs - sinceUs;
    record(this.waits, pod.workload * CAUSE_COUNT + pod.cause, waitUs, censored);
    const group = this.parts.classes.of(pod.shape) * CAUSE_COUNT + pod.cause;
    record(this.classWaits, group, waitUs, censored);
    this.parts.fleetWaits.record(group, sinceUs, waitUs, censored);
  }

  started(workload: WorkloadIndex, shape: ShapeIndex, startupUs: number): void {
    if (this.clock.nowUs < this.parts.warmupUs) return;
    const slot = this.parts.classes.of(shape) * this.workloadCount + workload;
    if (startupUs === 0 && slot < this.instantStarts.length && this.instantStarts[slot]! > 0) {
      this.instantStarts[slot]!++;
      return;
    }
    let histogram = this.startupTimes.get(slot);
    if (histogram === undefined) {
      histogram = new Histogram();
      this.startupTimes.set(slot, histogram);
      while (this.instantStarts.length <= slot) this.instantStarts.push(0);
      if (startupUs === 0) {
        this.instantStarts[slot] = 1;
        return;
      }
    }
    this.settleStarts(slot, histogram);
    histogram.record(startupUs);
  }

  /** Writes down the starts in no time that were only counted: they were the first, so nothing else was recorded before. */
  private settleStarts(slot: number, histogram: Histogram): void {
    const count = this.instantStarts[slot]!;
    if (count === 0) return;
    this.instantStarts[slot] = 0;
    histogram.record(0, count);
  }

  /** Startup times by workload x class. */
  get startups(): ReadonlyMap<number, Histogram> {
    for (const [slot, histogram] of this.startupTimes) this.settleStarts(slot, histogram);
    return this.startupTimes;
  }

  held(workload: WorkloadIndex, node: NodeIndex, shape: ShapeIndex, fromUs: number): void {
    const span = this.clock.nowUs - fromUs;
    if (span === 0) return;
    const { requests, gpuCount, gpuMilliPerDevice } = this.parts.cluster.shape(shape);
    const columns = this.resources + 1;
    const base = (this.parts.kindOf[node]! * this.workloadCount + workload) * columns;
    for (let r = 0; r < this.resources; r++) {
      this.heldSums.addProduct(base + r, requests[r]!, span);
    }
    if (gpuCount > 0) {
      this.heldSums.addProduct(base + this.resources, gpuCount * gpuMilliPerDevice, span);
    }
  }

  nodeMoved(node: NodeIndex, from: number, to: number): void {
    this.countNode(node, from, -1);
    this.countNode(node, to, 1);
    if (to === DOWN) this.nodeFailures++;
  }

  decided(kind: number, workload: number, serial: number, node: number): void {
    const workloadKey = workload < 0 ? 0 : this.parts.workloadKeys[workload]!;
    const nodeKey = node < 0 ? 0 : this.parts.cluster.nodes.key[asNode(node)]!;
    this.trajectory.fold(this.clock.nowUs, kind, workloadKey, Math.max(serial, 0), nodeKey);
  }

  /** The model's totals changed: what was held until now is accounted. */
  totalsChanged(): void {
    const { totals } = this.parts;
    const { nowUs } = this.clock;
    for (let r = 0; r < this.resources; r++) {
      this.allocation.hold(r, totals.allocated[r]!, totals.allocatable[r]!, nowUs);
    }
    const { gpuAllocatableMilli, gpuAllocatedMilli } = totals;
    this.allocation.hold(this.resources, gpuAllocatedMilli, gpuAllocatableMilli, nowUs);
  }

  /** The warm-up ended: statistics start now, conservation and cost go on. */
  warmedUp(): void {
    const now = this.clock.nowUs;
    this.gauges.startRun(now);
    this.allocation.startRun(now);
    this.countersAtWarmup.set(this.counters);
    this.nodeFailuresAtWarmup = this.nodeFailures;
  }

  /** Counter `counter` of one workload since the warm-up. */
  counted(counter: number, workload: number): number {
    const i = counter * this.workloadCount + workload;
    return this.counters[i]! - this.countersAtWarmup[i]!;
  }

  /** Counter `counter` over all workloads from time 0. */
  countedFromStart(counter: number): number {
    let sum = 0;
    for (let w = 0; w < this.workloadCount; w++) {
      sum += this.counters[counter * this.workloadCount + w]!;
    }
    return sum;
  }

  /** Pod-microseconds that pods of all workloads were bound to working nodes, from time 0. */
  boundTimeUs(): number {
    const columns = this.resources + 1;
    let sum = 0;
    for (let i = 0; i < this.parts.kinds * this.workloadCount; i++) {
      sum += this.heldSums.value(i * columns + PODS);
    }
    return sum;
  }
}

function record(
  into: (CensoredHistogram | undefined)[],
  slot: number,
  waitUs: number,
  censored: boolean,
): void {
  while (into.length <= slot) into.push(undefined);
  let pair = into[slot];
  if (pair === undefined) {
    pair = censoredHistogram();
    into[slot] = pair;
  }
  (censored ? pair.censored : pair.full).record(waitUs);
}
