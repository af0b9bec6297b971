/**
 * Pools that grow by the pods that wait, and shrink when nodes idle.
 *
 *   pods refused --> SCALE_POOLS (every scan) --> ask the provider's quota --> boot, at its rate --> up
 *   node empties --> idle time --> off, its place in the quota is given back
 *
 * The estimate is first-fit by shape: waiting pods of a shape divided by what an empty node of the pool holds, summed over
 * shapes, minus what already boots. *Source*: docs/sources.md, Cluster Autoscaler (scan interval 10 s).
 */

import { poolRefusal } from '../base/constraints.ts';
import { asNode, type EventHandle, NONE, type NodeIndex } from '../base/ids.ts';
import { DECIDED_NODE_DOWN, DECIDED_NODE_UP } from '../contracts/observer.ts';
import type { PodShape } from '../model/shapes.ts';
import { BOOTING, DOWN, OFF, UP } from '../model/view.ts';
import type { LawSampler } from '../model/workloads.ts';
import { combineKeys } from '../random/draw.ts';
import type { ClusterRun } from './cluster-run.ts';
import { NODE_BOOTED, NODE_IDLE, SCALE_POOLS } from './kinds.ts';
import { ASK_NODES, GIVE_NODES } from './messages.ts';

/** One pool that grows. */
export interface ElasticPool {
  /** Index of the pool in the cluster. */
  readonly pool: number;
  /** Its elastic nodes, `first .. last`; nodes before them always exist. */
  readonly first: number;
  readonly last: number;
  readonly boot: LawSampler;
  /** Shortest gap between two starts, microseconds; 0 is unlimited. */
  readonly bootGapUs: number;
  readonly bootFailureRatio: number;
  readonly idleAfterUs: number;
  /** True if the provider has a quota, which the fleet keeps. */
  readonly hasQuota: boolean;
}

interface PoolState extends ElasticPool {
  /** Its nodes that are off, boot, or were asked for and not answered. */
  off: number;
  booting: number;
  asked: number;
}

/** Time between two looks at the waiting pods. */
const SCAN_EVERY_US = 10_000_000;

/** Boots and gives back the elastic nodes of one cluster. */
export class ElasticPools {
  private readonly run: ClusterRun;
  private readonly pools: PoolState[];
  /** Pending idle event of each node, -1 if none. */
  private readonly idle: Float64Array;
  /** Boots of each node so far: which draw comes next. */
  private readonly boots: Int32Array;
  /** When the provider starts the next node of this cluster at the earliest. */
  private nextBootUs = 0;
  private isScanning = false;

  constructor(run: ClusterRun, pools: readonly ElasticPool[]) {
    this.run = run;
    this.pools = pools.map((pool) => ({
      ...pool,
      off: pool.last - pool.first + 1,
      booting: 0,
      asked: 0,
    }));
    this.idle = new Float64Array(run.cluster.nodes.count).fill(NONE);
    this.boots = new Int32Array(run.cluster.nodes.count);
  }

  /** Looks at the waiting pods one scan from now, if any wait. */
  considerGrowth(): void {
    if (this.isScanning || this.run.isDark || this.run.queue.pods === 0) return;
    this.isScanning = true;
    this.run.engine.at(this.run.nowUs + SCAN_EVERY_US, SCALE_POOLS, 0);
  }

  /** The scan: asks for as many nodes as the waiting pods fill. */
  scale(): void {
    this.isScanning = false;
    if (this.run.isDark) return;
    const wanted = new Float64Array(this.pools.length);
    this.run.queue.forEachDemand((shape, pods) => {
      const i = this.pools.findIndex((pool) => this.perNode(pool, shape) > 0);
      if (i >= 0) wanted[i]! += pods / this.perNode(this.pools[i]!, shape);
    });
    this.pools.forEach((pool, i) => {
      const missing = Math.ceil(wanted[i]!) - pool.booting - pool.asked;
      const count = Math.min(missing, pool.off - pool.asked);
      if (count > 0) this.ask(pool, count);
    });
    this.considerGrowth();
  }

  private ask(pool: PoolState, count: number): void {
    pool.asked += count;
    if (!pool.hasQuota) {
      this.granted(pool.pool, count, count);
      return;
    }
    const message = this.run.send(ASK_NODES);
    message.workload = pool.pool;
    message.count = count;
  }

  /** The provider answered: boots `count` nodes of the `asked` ones. */
  granted(poolIndex: number, asked: number, count: number): void {
    const pool = this.pools.find((p) => p.pool === poolIndex)!;
    pool.asked -= asked;
    let left = count;
    for (let n = asNode(pool.first); n <= pool.last && left > 0; n++) {
      if (this.run.cluster.nodes.state[n] !== OFF) continue;
      this.boot(pool, n);
      left--;
    }
  }

  private boot(pool: PoolState, n: NodeIndex): void {
    const { run } = this;
    run.cluster.setNodeState(n, BOOTING);
    run.observer.nodeMoved(n, OFF, BOOTING);
    pool.off--;
    pool.booting++;
    const startUs = Math.max(run.nowUs, this.nextBootUs);
    this.nextBootUs = startUs + pool.bootGapUs;
    run.engine.at(Math.ceil(startUs) + this.bootUs(pool, n), NODE_BOOTED, n);
  }

  private bootUs(pool: PoolState, n: NodeIndex): number {
    const u = this.run.draws.boot.uniform(this.bootKey(n), 0);
    return Math.max(1, Math.round(pool.boot.at(u)));
  }

  private bootKey(n: NodeIndex): number {
    return combineKeys(this.run.cluster.nodes.key[n]!, this.boots[n]!);
  }

  /** A boot ended: the node is up, or the boot failed and starts again. */
  booted(n: NodeIndex): void {
    const { run } = this;
    const pool = this.poolOf(n);
    const failed = run.draws.boot.uniform(this.bootKey(n), 1) < pool.bootFailureRatio;
    this.boots[n]!++;
    if (failed) {
      run.engine.at(run.nowUs + this.bootUs(pool, n), NODE_BOOTED, n);
      return;
    }
    pool.booting--;
    const state = run.nodeLife.isDarkened(n) ? DOWN : UP;
    run.cluster.setNodeState(n, state);
    run.observer.nodeMoved(n, BOOTING, state);
    run.nodeLife.awaitFailure(n);
    if (state === DOWN) return;
    run.observer.decided(DECIDED_NODE_UP, -1, -1, n);
    this.vacated(n);
    run.deciding.hearing?.nodeAdded(n);
    run.deciding.capacityFreed(n);
  }

  /** A pod was put on the node: it is not idle. */
  occupied(n: NodeIndex): void {
    if (this.idle[n] === NONE) return;
    this.run.engine.cancel(this.idle[n]! as EventHandle);
    this.idle[n] = NONE;
  }

  /** A pod left the node: if it is empty, its idle time starts. */
  vacated(n: NodeIndex): void {
    const { nodes } = this.run.cluster;
    if (nodes.isElastic[n] === 0 || nodes.podCount[n]! > 0 || nodes.state[n] !== UP) return;
    this.occupied(n);
    const { idleAfterUs } = this.poolOf(n);
    this.idle[n] = this.run.engine.at(this.run.nowUs + idleAfterUs, NODE_IDLE, n);
  }

  /** A node went down: it is not idle, it is broken. */
  wentDown(n: NodeIndex): void {
    this.occupied(n);
  }

  /** A node came back: it may be empty. */
  cameUp(n: NodeIndex): void {
    this.vacated(n);
  }

  /** The idle time passed: the node is given back. */
  idled(n: NodeIndex): void {
    const { run } = this;
    this.idle[n] = NONE;
    if (run.cluster.nodes.state[n] !== UP || run.cluster.nodes.podCount[n]! > 0) return;
    run.cluster.setNodeState(n, OFF);
    run.observer.nodeMoved(n, UP, OFF);
    run.observer.decided(DECIDED_NODE_DOWN, -1, -1, n);
    run.deciding.hearing?.nodeRemoved(n);
    run.nodeLife.forgetFailure(n);
    const pool = this.poolOf(n);
    pool.off++;
    if (!pool.hasQuota) return;
    const message = run.send(GIVE_NODES);
    message.workload = pool.pool;
    message.count = 1;
  }

  /** Allocatable of a resource that could still be booted, in grains; -1 asks for GPU thousandths. */
  couldAdd(resource: number): number {
    const { nodes } = this.run.cluster;
    let sum = 0;
    for (const pool of this.pools) {
      const each =
        resource < 0
          ? nodes.gpuCount[pool.first]! * 1000
          : nodes.allocatable[resource]![pool.first]!;
      sum += each * (pool.off + pool.booting);
    }
    return sum;
  }

  private poolOf(n: NodeIndex): PoolState {
    return this.pools.find((pool) => n >= pool.first && n <= pool.last)!;
  }

  /** Pods of a shape that an empty node of the pool holds. */
  private perNode(pool: ElasticPool, shape: PodShape): number {
    const { cluster } = this.run;
    const n = asNode(pool.first);
    if (poolRefusal(shape, cluster.pools[pool.pool]!) !== '') return 0;
    let most = Number.POSITIVE_INFINITY;
    for (let r = 0; r < shape.requests.length; r++) {
      const request = shape.requests[r]!;
      if (request > 0) {
        most = Math.min(most, Math.floor(cluster.nodes.allocatable[r]![n]! / request));
      }
    }
    if (shape.gpuCount > 0) {
      const model = cluster.gpuModels[cluster.nodes.gpuModel[n]!];
      if (model === undefined) return 0;
      if (shape.gpuModels.length > 0 && !shape.gpuModels.includes(model)) return 0;
      const perDevice = Math.floor(1000 / shape.gpuMilliPerDevice);
      most = Math.min(most, Math.floor((cluster.nodes.gpuCount[n]! * perDevice) / shape.gpuCount));
    }
    return most;
  }
}
