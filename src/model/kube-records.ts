import { CPU, MEMORY, type NodeIndex, PODS, type ResourceIndex } from '../base/ids.ts';
import type { Cluster } from './cluster.ts';

/** Numbers of a record. */
export const RECORD = 8;
/** Places in a record: what is free of cpu, memory and pods, in grains. */
export const FREE_CPU = 0;
export const FREE_MEMORY = 1;
export const FREE_PODS = 2;
/** Sums of the non-zero requests of the node's pods, in grains; what an integer does not hold is cut, far above all capacities. */
export const NON_ZERO_CPU = 3;
export const NON_ZERO_MEMORY = 4;
/** Allocatable, in grains. */
export const ALLOCATABLE_CPU = 5;
export const ALLOCATABLE_MEMORY = 6;
/** Index of the node's class. */
export const NODE_CLASS = 7;

const INTEGER_MAX = 0x7fffffff;

/**
 * What resource filters and scores read of nodes, one record a list position: a search reads nodes in this order.
 *
 * *Guarantees*: copies of the columns; whoever changes those writes the record anew. *Price*: 32 bytes a node where all
 * quantities fit into integers, else 64: a node costs one miss of the cache.
 */
export class NodeRecords {
  /** By list position times `RECORD`. */
  readonly words: Int32Array | Float64Array;
  private readonly free: Cluster['nodes']['free'];
  private readonly allocatable: Cluster['nodes']['allocatable'];
  /** By node, cpu then memory: sums of non-zero requests. */
  private readonly nonZero: Float64Array;
  private readonly nonZeroMax: number;

  constructor({ nodes, resources }: Cluster, nonZero: Float64Array) {
    const isWide = [CPU, MEMORY, PODS].some((r: ResourceIndex) => resources.all[r]!.wide);
    const length = nodes.count * RECORD;
    this.words = isWide ? new Float64Array(length) : new Int32Array(length);
    this.nonZeroMax = isWide ? Number.POSITIVE_INFINITY : INTEGER_MAX;
    this.free = nodes.free;
    this.allocatable = nodes.allocatable;
    this.nonZero = nonZero;
  }

  /** Writes the record of a node that stands at list position `i` for the first time. */
  begin(i: number, n: NodeIndex, classIndex: number): void {
    const { allocatable, words } = this;
    const at = i * RECORD;
    words[at + ALLOCATABLE_CPU] = allocatable[CPU]![n]!;
    words[at + ALLOCATABLE_MEMORY] = allocatable[MEMORY]![n]!;
    this.write(i, n, classIndex);
  }

  /** Writes what may have changed of the node at list position `i`. */
  write(i: number, n: NodeIndex, classIndex: number): void {
    const { free, nonZero, nonZeroMax, words } = this;
    const at = i * RECORD;
    words[at + FREE_CPU] = free[CPU]![n]!;
    words[at + FREE_MEMORY] = free[MEMORY]![n]!;
    words[at + FREE_PODS] = free[PODS]![n]!;
    words[at + NON_ZERO_CPU] = Math.min(nonZeroMax, nonZero[2 * n]!);
    words[at + NON_ZERO_MEMORY] = Math.min(nonZeroMax, nonZero[2 * n + 1]!);
    words[at + NODE_CLASS] = classIndex;
  }
}
