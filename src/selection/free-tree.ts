import { asNode, CPU, MEMORY, type NodeIndex, PODS } from '../base/ids.ts';
import type { PodShape } from '../model/shapes.ts';
import { type ClusterView, UP } from '../model/view.ts';
import { devicesFit } from './feasibility.ts';

/** Nodes in a leaf, as a power of two: their amounts are read from the columns, not kept. */
const LEAF_BITS = 2;
/** Amounts of cpu and memory are scaled so that the largest node has so much: maxima are whole numbers of 32 bits. */
const SCALED_MAX = 0x20000000;
/** As much as is asked for at most, scaled: more than any node has, and far from passing 32 bits. */
const ASKED_MAX = 2 * SCALED_MAX;
/**
 * Slopes of the joint maxima: how much scaled cpu goes with a unit of scaled memory, over the mean of the tree's nodes; memory
 * alone comes before them, cpu alone after.
 */
const SLOPES = [1 / 4, 1 / 2, 1 / Math.SQRT2, Math.SQRT2, 2, 4];
const JOINT = SLOPES.length + 2;

/** Which devices the pods of a tree ask for. */
export type DeviceDemand = 'none' | 'whole' | 'shared';

/** What the pods of a tree have in common. */
export interface TreeDemand {
  /** Extended resources asked for, ascending. */
  readonly extended: readonly number[];
  readonly devices: DeviceDemand;
}

/** What a subtree must have for a shape, by entries of its record. */
export interface TreeNeeds {
  readonly entries: Int32Array;
  readonly least: Int32Array;
}

/**
 * A segment tree over nodes in the order in which they are visited: the first that has room for a shape, without looking at all.
 *
 * A subtree keeps, over its nodes, the largest free cpu, the largest free memory, and for six slopes s the largest
 * `min(cpu, s * memory)`: a node full of one resource and empty of the other passes for neither, so that the fullest part of
 * a cluster is skipped in large steps, where maxima of cpu and memory apart would come from different nodes. A shape looks at
 * the two entries whose slopes enclose its own, and at one for each extended resource and its devices. *Guarantees*: the
 * very node of a walk in order, as every entry only rules out what cannot fit. *Price*: a changed node costs at most
 * log2(nodes / 4) steps, fewer where a maximum stays; 24 to 40 bytes a node. A search costs O(log nodes) per subtree that
 * looks good and is not, such as there are where a shape falls between two slopes: in first fit's own steady state 16 entries a
 * pod at 1,000 nodes, 34 at 100,000. At worst all nodes are looked at, as in a scan, and half as many subtrees.
 */
export class FreeTree {
  /** Entries looked at, nodes and subtrees, since the start. */
  examined = 0;
  /** Position in the change log up to which the tree is right; -1 before it was built. */
  position = -1;
  /** Place of each of its nodes in the order of all nodes, ascending. */
  readonly places: Int32Array;
  private readonly cluster: ClusterView;
  private readonly demand: TreeDemand;
  /** Its nodes, in order. */
  private readonly nodes: Int32Array;
  /** Entries of a record. */
  private readonly width: number;
  private readonly slopes: Float64Array;
  private readonly cpuScale: number;
  private readonly memoryScale: number;
  /** Leaves: a power of two. */
  private readonly leaves: number;
  /** A record for each subtree, the root at 1; -1 where no node takes pods. */
  private readonly maxima: Int32Array;
  private readonly fresh: Int32Array;

  /**
   * @param nodes its nodes in the order of visits
   * @param places place of each in the order of all nodes, ascending
   */
  constructor(cluster: ClusterView, demand: TreeDemand, nodes: Int32Array, places: Int32Array) {
    this.cluster = cluster;
    this.demand = demand;
    this.nodes = nodes;
    this.places = places;
    this.width = JOINT + demand.extended.length + (demand.devices === 'none' ? 0 : 1);
    const { allocatable } = cluster.nodes;
    let cpuMost = 1;
    let memoryMost = 1;
    let cpu = 0;
    let memory = 0;
    for (let i = 0; i < nodes.length; i++) {
      const n = asNode(nodes[i]!);
      cpuMost = Math.max(cpuMost, allocatable[CPU]![n]!);
      memoryMost = Math.max(memoryMost, allocatable[MEMORY]![n]!);
      cpu += allocatable[CPU]![n]!;
      memory += allocatable[MEMORY]![n]!;
    }
    this.cpuScale = SCALED_MAX / cpuMost;
    this.memoryScale = SCALED_MAX / memoryMost;
    const mean = cpu > 0 && memory > 0 ? (cpu * this.cpuScale) / (memory * this.memoryScale) : 1;
    this.slopes = Float64Array.from(SLOPES, (slope) => slope * mean);
    let leaves = 1;
    while (leaves << LEAF_BITS < nodes.length) leaves *= 2;
    this.leaves = leaves;
    this.maxima = new Int32Array(2 * leaves * this.width);
    this.fresh = new Int32Array(this.width);
  }

  get count(): number {
    return this.nodes.length;
  }

  /** What a shape asks of a subtree. It must be one of the tree's demand. */
  needsOf(shape: PodShape): TreeNeeds {
    const { fresh, slopes } = this;
    fresh.fill(-1);
    const cpuGrains = Math.min(shape.requests[CPU]!, ASKED_MAX / this.cpuScale);
    const memoryGrains = Math.min(shape.requests[MEMORY]!, ASKED_MAX / this.memoryScale);
    this.joint(cpuGrains, memoryGrains);
    const cpu = cpuGrains * this.cpuScale;
    const memory = memoryGrains * this.memoryScale;
    let above = 1;
    while (above < JOINT - 1 && memory * slopes[above - 1]! < cpu) above++;
    const entries = [above - 1, above];
    const least = [fresh[above - 1]!, fresh[above]!];
    this.demand.extended.forEach((r, i) => {
      entries.push(JOINT + i);
      least.push(Math.min(shape.requests[r]!, 0x7fffffff));
    });
    if (this.demand.devices !== 'none') {
      entries.push(this.width - 1);
      least.push(this.demand.devices === 'whole' ? shape.gpuCount : shape.gpuMilliPerDevice);
    }
    return { entries: Int32Array.from(entries), least: Int32Array.from(least) };
  }

  /** Reads all nodes. */
  build(): void {
    const { leaves, maxima, width } = this;
    maxima.fill(-1);
    const used = Math.max(1, (this.nodes.length + (1 << LEAF_BITS) - 1) >> LEAF_BITS);
    for (let leaf = 0; leaf < used; leaf++) {
      this.readLeaf(leaf);
      maxima.set(this.fresh, (leaves + leaf) * width);
    }
    for (let i = leaves - 1; i >= 1; i--) this.raise(i);
  }

  /** Reads node number `i` of the tree again. */
  update(i: number): void {
    const { fresh, leaves, maxima, width } = this;
    const leaf = i >> LEAF_BITS;
    this.readLeaf(leaf);
    const base = (leaves + leaf) * width;
    let isSame = true;
    for (let k = 0; k < width; k++) {
      if (maxima[base + k] === fresh[k]) continue;
      maxima[base + k] = fresh[k]!;
      isSame = false;
    }
    if (isSame) return;
    for (let up = (leaves + leaf) >> 1; up >= 1; up >>= 1) if (!this.raise(up)) return;
  }

  /** Number of the first of its nodes at or behind a place, `count` if there is none. */
  numberFrom(place: number): number {
    const { places } = this;
    let low = 0;
    let high = places.length;
    // A tree of all nodes has every place.
    if (high > 0 && places[high - 1] === high - 1) return Math.min(place, high);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first of nodes number `from` and later that takes the shape now, or -1. */
  first(shape: PodShape, needs: TreeNeeds, from: number): NodeIndex | -1 {
    const { leaves, maxima, nodes, width } = this;
    const { entries, least } = needs;
    const count = nodes.length;
    if (from >= count) return -1;
    const a = entries[0]!;
    const b = entries[1]!;
    const leastA = least[0]!;
    const leastB = least[1]!;
    const more = entries.length;
    let examined = 0;
    let i = from === 0 ? 1 : leaves + (from >> LEAF_BITS);
    for (;;) {
      examined++;
      const base = i * width;
      let isGood = maxima[base + a]! >= leastA && maxima[base + b]! >= leastB;
      for (let k = 2; k < more; k++) {
        if (maxima[base + entries[k]!]! < least[k]!) isGood = false;
      }
      if (isGood && i < leaves) {
        i *= 2;
        continue;
      }
      if (isGood) {
        const first = (i - leaves) << LEAF_BITS;
        const end = Math.min(first + (1 << LEAF_BITS), count);
        for (let number = Math.max(first, from); number < end; number++) {
          examined++;
          const n = asNode(nodes[number]!);
          if (!this.fits(shape, n)) continue;
          this.examined += examined;
          return n;
        }
      }
      // The next subtree in order: the right neighbour of the nearest ancestor, or oneself, that is a left child.
      while ((i & 1) === 1) i >>= 1;
      if (i === 0) break;
      i++;
    }
    this.examined += examined;
    return -1;
  }

  /** True if a node takes a shape now; admission is settled by membership. */
  private fits(shape: PodShape, n: NodeIndex): boolean {
    const { nodes } = this.cluster;
    const { requests } = shape;
    if (nodes.free[CPU]![n]! < requests[CPU]! || nodes.free[MEMORY]![n]! < requests[MEMORY]!) {
      return false;
    }
    if (nodes.state[n] !== UP || nodes.free[PODS]![n]! < 1) return false;
    for (let r = PODS + 1; r < requests.length; r++) {
      if (nodes.free[r]![n]! < requests[r]!) return false;
    }
    return shape.gpuCount === 0 || devicesFit(shape, n, this.cluster);
  }

  /** Takes the maxima of the two halves of a subtree. @returns false if they are what they were */
  private raise(i: number): boolean {
    const { maxima, width } = this;
    const base = i * width;
    const left = 2 * base;
    const right = left + width;
    let isNew = false;
    for (let k = 0; k < width; k++) {
      const l = maxima[left + k]!;
      const r = maxima[right + k]!;
      const most = Math.max(l, r);
      if (maxima[base + k] === most) continue;
      maxima[base + k] = most;
      isNew = true;
    }
    return isNew;
  }

  /** Puts the maxima of a leaf into `fresh`. */
  private readLeaf(leaf: number): void {
    const { fresh, nodes } = this;
    const columns = this.cluster.nodes;
    fresh.fill(-1);
    const first = leaf << LEAF_BITS;
    const end = Math.min(first + (1 << LEAF_BITS), nodes.length);
    for (let number = first; number < end; number++) {
      const n = asNode(nodes[number]!);
      if (columns.state[n] !== UP || columns.free[PODS]![n]! < 1) continue;
      if (this.width > JOINT && !this.hasMore(n)) continue;
      this.joint(columns.free[CPU]![n]!, columns.free[MEMORY]![n]!);
      if (this.width > JOINT) this.readMore(n);
    }
  }

  /**
   * Raises the entries of cpu and memory in `fresh` to those of so much of both. Of two nodes the one that has no less of
   * either has no lower entry: each step of the arithmetic rises.
   */
  private joint(cpuGrains: number, memoryGrains: number): void {
    const { fresh, slopes } = this;
    const cpu = cpuGrains * this.cpuScale;
    const memory = memoryGrains * this.memoryScale;
    if (memory > fresh[0]!) fresh[0] = memory;
    for (let k = 0; k < slopes.length; k++) {
      const share = memory * slopes[k]!;
      const both = Math.min(share, cpu);
      if (both > fresh[k + 1]!) fresh[k + 1] = both;
    }
    if (cpu > fresh[JOINT - 1]!) fresh[JOINT - 1] = cpu;
  }

  /** True if a node has some left of each extended resource and of the devices. */
  private hasMore(n: NodeIndex): boolean {
    const { nodes } = this.cluster;
    for (const r of this.demand.extended) if (nodes.free[r]![n]! < 1) return false;
    if (this.demand.devices === 'none') return true;
    return this.demand.devices === 'whole'
      ? nodes.gpuWholeFree[n]! > 0
      : nodes.gpuFreeMilli[n]! > 0;
  }

  private readMore(n: NodeIndex): void {
    const { demand, fresh } = this;
    const { nodes } = this.cluster;
    for (let i = 0; i < demand.extended.length; i++) {
      const free = Math.min(nodes.free[demand.extended[i]!]![n]!, 0x7fffffff);
      if (free > fresh[JOINT + i]!) fresh[JOINT + i] = free;
    }
    if (demand.devices === 'none') return;
    const last = this.width - 1;
    if (demand.devices === 'whole') {
      if (nodes.gpuWholeFree[n]! > fresh[last]!) fresh[last] = nodes.gpuWholeFree[n]!;
      return;
    }
    const base = nodes.gpuOffset[n]!;
    for (let d = base; d < base + nodes.gpuCount[n]!; d++) {
      if (nodes.deviceFreeMilli[d]! > fresh[last]!) fresh[last] = nodes.deviceFreeMilli[d]!;
    }
  }
}
