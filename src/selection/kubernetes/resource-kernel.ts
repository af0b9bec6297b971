import { percentOf } from '../../base/numeric.ts';
import {
  type FrameworkPod,
  type NodeStatus,
  PASS,
  type ResourceTerm,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../contracts/framework.ts';
import {
  ALLOCATABLE_CPU,
  ALLOCATABLE_MEMORY,
  FREE_CPU,
  FREE_MEMORY,
  FREE_PODS,
  NODE_CLASS,
  NON_ZERO_CPU,
  NON_ZERO_MEMORY,
  type NodeRecords,
  RECORD,
} from '../../model/kube-records.ts';
import { codeOf } from './filter-run.ts';
import type { PlannedFilter, PlannedScore } from './plan.ts';

type Room = Extract<ResourceTerm, { kind: 'room' }>;
type Share = Extract<ResourceTerm, { kind: 'share' }>;
type Balance = Extract<ResourceTerm, { kind: 'balance' }>;

/** A filter and scores that all declare what they compute of a node's record. */
interface DeclaredTerms {
  readonly filter: number;
  readonly room: Room | null;
  readonly share: Share | null;
  readonly shareWeight: number;
  readonly balance: Balance | null;
  readonly balanceWeight: number;
}

/** Past the index of every filter. */
const NO_FILTER = 0x7fffffff;

/** The terms of a shape's filters and scores that look at one node; null if any of them declares nothing. */
function declaredTerms(
  pod: FrameworkPod,
  filters: readonly PlannedFilter[],
  scores: readonly PlannedScore[],
): DeclaredTerms | null {
  if (filters.length > 1) return null;
  const [filter] = filters;
  let room: Room | null = null;
  if (filter !== undefined) {
    const { point } = filter;
    const term = point.preFilter === undefined ? (point.termFor?.(pod) ?? null) : null;
    if (term?.kind !== 'room') return null;
    room = term;
  }
  let share: Share | null = null;
  let shareWeight = 0;
  let balance: Balance | null = null;
  let balanceWeight = 0;
  for (const { point, weight } of scores) {
    const term = point.termFor?.(pod) ?? null;
    if (term?.kind === 'share' && share === null) {
      share = term;
      shareWeight = weight;
    } else if (term?.kind === 'balance' && balance === null) {
      balance = term;
      balanceWeight = weight;
    } else return null;
  }
  return { filter: filter?.f ?? NO_FILTER, room, share, shareWeight, balance, balanceWeight };
}

/**
 * The filter and scores of one shape that read a node's cpu, memory and room for pods, as one function of its record.
 *
 * *Guarantees*: what the plug-ins say that declared the terms. *Price*: one record read, four divisions.
 */
export class ResourceKernel {
  /** Index of the filter; past all others if there is none. */
  readonly filter: number;
  private readonly records: NodeRecords['words'];
  private readonly pods: number;
  private readonly cpu: number;
  private readonly memory: number;
  private readonly shareWeight: number;
  private readonly isLeast: boolean;
  private readonly shareCpu: number;
  private readonly shareMemory: number;
  private readonly cpuWeight: number;
  private readonly memoryWeight: number;
  private readonly balanceWeight: number;
  private readonly balanceCpu: number;
  private readonly balanceMemory: number;

  constructor(records: NodeRecords, terms: DeclaredTerms) {
    const { balance, room, share } = terms;
    this.records = records.words;
    this.filter = terms.filter;
    this.pods = room === null ? 0 : 1;
    this.cpu = room?.cpu ?? 0;
    this.memory = room?.memory ?? 0;
    this.shareWeight = terms.shareWeight;
    this.isLeast = share?.isLeast ?? false;
    this.shareCpu = share?.cpu ?? 0;
    this.shareMemory = share?.memory ?? 0;
    this.cpuWeight = share?.cpuWeight ?? 0;
    this.memoryWeight = share?.memoryWeight ?? 0;
    this.balanceWeight = terms.balanceWeight;
    this.balanceCpu = balance?.cpu ?? 0;
    this.balanceMemory = balance?.memory ?? 0;
  }

  /** The kernel of a shape; null if a filter or score of it declares nothing. */
  static find(
    pod: FrameworkPod,
    records: NodeRecords,
    filters: readonly PlannedFilter[],
    scores: readonly PlannedScore[],
  ): ResourceKernel | null {
    const terms = declaredTerms(pod, filters, scores);
    return terms === null ? null : new ResourceKernel(records, terms);
  }

  /** Class of the node at a list position. */
  classAt(i: number): number {
    return this.records[i * RECORD + NODE_CLASS]!;
  }

  /** The weighted sum of scores of the node at a list position, or minus the code of the refusal. */
  valueAt(i: number): number {
    const { records } = this;
    const at = i * RECORD;
    const freeCpu = records[at + FREE_CPU]!;
    const freeMemory = records[at + FREE_MEMORY]!;
    if (records[at + FREE_PODS]! < this.pods || this.cpu > freeCpu || this.memory > freeMemory) {
      return -codeOf(this.filter, this.statusAt(i));
    }
    const cpu = records[at + ALLOCATABLE_CPU]!;
    const memory = records[at + ALLOCATABLE_MEMORY]!;
    let sum = 0;
    if (this.shareWeight !== 0) {
      const usedCpu = records[at + NON_ZERO_CPU]! + this.shareCpu;
      const usedMemory = records[at + NON_ZERO_MEMORY]! + this.shareMemory;
      sum = this.shareWeight * this.shareOf(cpu, memory, usedCpu, usedMemory);
    }
    if (this.balanceWeight === 0) return sum;
    if (cpu === 0 || memory === 0) return sum + this.balanceWeight * 100;
    const ofCpu = Math.min(1, (cpu - freeCpu + this.balanceCpu) / cpu);
    const ofMemory = Math.min(1, (memory - freeMemory + this.balanceMemory) / memory);
    return sum + this.balanceWeight * (((1 - Math.abs((ofCpu - ofMemory) / 2)) * 100) | 0);
  }

  private shareOf(cpu: number, memory: number, usedCpu: number, usedMemory: number): number {
    const { cpuWeight, isLeast, memoryWeight } = this;
    let sum = 0;
    let weights = 0;
    if (cpu !== 0) {
      sum += cpuWeight * shareScore(isLeast, usedCpu, cpu);
      weights += cpuWeight;
    }
    if (memory !== 0) {
      sum += memoryWeight * shareScore(isLeast, usedMemory, memory);
      weights += memoryWeight;
    }
    // Equal weights of 1 are the default: a shift for the division.
    if (weights === 2) return sum >> 1;
    return weights === 0 ? 0 : (sum / weights) | 0;
  }

  /** What the filter says of the node at a list position. */
  statusAt(i: number): NodeStatus {
    const { records } = this;
    const at = i * RECORD;
    const lacksCpu = this.cpu > records[at + FREE_CPU]!;
    const lacksMemory = this.memory > records[at + FREE_MEMORY]!;
    if (lacksCpu && this.cpu > records[at + ALLOCATABLE_CPU]!) return UNRESOLVABLE;
    if (lacksMemory && this.memory > records[at + ALLOCATABLE_MEMORY]!) return UNRESOLVABLE;
    const isFull = records[at + FREE_PODS]! < this.pods;
    return lacksCpu || lacksMemory || isFull ? UNSCHEDULABLE : PASS;
  }
}

/** Percent of the capacity that is free, or used; whole, rounded down. */
function shareScore(isLeast: boolean, used: number, capacity: number): number {
  if (isLeast && used > capacity) return 0;
  const part = isLeast ? capacity - used : Math.min(used, capacity);
  const product = part * 100;
  return product <= Number.MAX_SAFE_INTEGER ? (product / capacity) | 0 : percentOf(part, capacity);
}
