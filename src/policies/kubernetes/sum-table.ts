/** Sums of pods by topology domain, with the smallest domain where it is asked for. */
import type { NodeIndex } from '../../base/ids.ts';
import { EMPTY_DOMAIN, NO_DOMAIN, type TopologyColumn } from './topology.ts';

const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;

/** Integers by index, zero by default: memory for the pages that are used. Below 2^31. */
export class PagedCounts {
  private readonly pages: (Int32Array | undefined)[] = [];

  at(i: number): number {
    const page = this.pages[i >> PAGE_BITS];
    return page === undefined ? 0 : page[i & (PAGE - 1)]!;
  }

  /** Adds, and returns the new value. */
  add(i: number, delta: number): number {
    let page = this.pages[i >> PAGE_BITS];
    if (page === undefined) {
      page = new Int32Array(PAGE);
      this.pages[i >> PAGE_BITS] = page;
    }
    const sum = page[i & (PAGE - 1)]! + delta;
    page[i & (PAGE - 1)] = sum;
    return sum;
  }

  clear(): void {
    for (const page of this.pages) page?.fill(0);
  }
}

/** Says whether a node counts, by its class or by itself. */
export interface NodeTest {
  holds(n: NodeIndex): boolean;
}

/**
 * Which nodes count for some tables: those that have all of some keys and pass a test of class, or of node where the test
 * reads name or hostname. Answers are kept until the node changes.
 */
export class Admission {
  private readonly keys: readonly TopologyColumn[];
  private readonly test: NodeTest;
  private readonly byNode: boolean;
  /** 1 admitted, 0 not, absent unknown; by class index or by node. */
  private readonly memo: (0 | 1 | undefined)[] = [];

  constructor(keys: readonly TopologyColumn[], test: NodeTest, byNode: boolean) {
    this.keys = keys;
    this.test = test;
    this.byNode = byNode;
  }

  /** @param classIndex of the node as it was last read */
  admits(n: NodeIndex, classIndex: number): boolean {
    for (const column of this.keys) if (column.domainOf[n]! === NO_DOMAIN) return false;
    const i = this.byNode ? n : classIndex;
    let answer = this.memo[i];
    if (answer === undefined) {
      answer = this.test.holds(n) ? 1 : 0;
      this.memo[i] = answer;
    }
    return answer === 1;
  }

  /** Forgets what was read of a node that changes. */
  forget(n: NodeIndex): void {
    if (this.byNode) this.memo[n] = undefined;
  }
}

/** How a table counts. */
export interface TableSpec {
  /** Null counts each node by itself. */
  readonly column: TopologyColumn | null;
  /** False leaves out pods that are terminating. */
  readonly countsTerminating: boolean;
  /** Nodes that count; absent: all listed nodes. */
  readonly admission?: Admission;
  /** Nodes without the key count in the domain of the empty value. */
  readonly missingIsEmpty?: boolean;
  /** Keeps the number of domains and the smallest sum. */
  readonly tracksMinimum?: boolean;
}

/**
 * Sums by domain of one topology key.
 *
 * *Cost*: O(1) per change, amortised; the smallest sum is kept by counting how many domains have each sum.
 */
export class SumTable {
  readonly column: TopologyColumn | null;
  readonly countsTerminating: boolean;
  readonly admission: Admission | null;
  private readonly missing: number;
  private readonly sums = new PagedCounts();
  /** Nodes that count, by domain; kept only with the minimum. */
  private readonly nodesOf: PagedCounts | null;
  /** Domains that have a node, by their sum. */
  private readonly domainsBySum: number[] = [];
  private smallest = 0;
  /** Sum over all domains. */
  total = 0;
  /** Pods that have added something, even zero. */
  contributors = 0;
  /** Domains that have a node; only with the minimum. */
  domains = 0;

  constructor(spec: TableSpec) {
    this.column = spec.column;
    this.countsTerminating = spec.countsTerminating;
    this.admission = spec.admission ?? null;
    this.missing = spec.missingIsEmpty ? EMPTY_DOMAIN : NO_DOMAIN;
    this.nodesOf = spec.tracksMinimum ? new PagedCounts() : null;
  }

  /** True if it must hear of nodes that come and go. */
  get followsNodes(): boolean {
    return this.admission !== null || this.nodesOf !== null;
  }

  /** The domain that a node's pods count in; `NO_DOMAIN` for none. */
  domain(n: NodeIndex, classIndex: number): number {
    if (this.admission !== null && !this.admission.admits(n, classIndex)) return NO_DOMAIN;
    if (this.column === null) return n;
    const domain = this.column.domainOf[n]!;
    return domain === NO_DOMAIN ? this.missing : domain;
  }

  at(domain: number): number {
    return this.sums.at(domain);
  }

  /** Adds to a domain. @param pods 1 for a pod that comes, -1 for one that goes */
  add(domain: number, delta: number, pods: number): void {
    this.contributors += pods;
    this.total += delta;
    const sum = this.sums.add(domain, delta);
    if (this.nodesOf === null || this.nodesOf.at(domain) === 0) return;
    this.leave(sum - delta);
    this.enter(sum);
  }

  /** Takes note of a node that counts in a domain from now on. */
  addNode(domain: number): void {
    if (this.nodesOf === null || this.nodesOf.add(domain, 1) > 1) return;
    this.domains++;
    this.enter(this.sums.at(domain));
  }

  /** Takes note of a node that counts no more. */
  removeNode(domain: number): void {
    if (this.nodesOf === null || this.nodesOf.add(domain, -1) > 0) return;
    this.domains--;
    this.leave(this.sums.at(domain));
  }

  /** The smallest sum of the domains that have a node, 0 without domains, as if some domains had more or less. */
  minimum(changes: ReadonlyMap<number, number> | null): number {
    if (this.domains === 0) return 0;
    let sum = this.smallest;
    while ((this.domainsBySum[sum] ?? 0) === 0) sum++;
    this.smallest = sum;
    if (changes === null || changes.size === 0) return sum;
    return this.minimumWith(changes);
  }

  clear(): void {
    this.sums.clear();
    this.nodesOf?.clear();
    this.domainsBySum.length = 0;
    this.smallest = 0;
    this.total = 0;
    this.contributors = 0;
    this.domains = 0;
  }

  private minimumWith(changes: ReadonlyMap<number, number>): number {
    let least = Number.POSITIVE_INFINITY;
    let unchanged = this.domains;
    const changedBySum = new Map<number, number>();
    for (const [domain, delta] of changes) {
      if (this.nodesOf!.at(domain) === 0) continue;
      const sum = this.sums.at(domain);
      least = Math.min(least, sum + delta);
      changedBySum.set(sum, (changedBySum.get(sum) ?? 0) + 1);
      unchanged--;
    }
    if (unchanged === 0) return least;
    let sum = this.smallest;
    while ((this.domainsBySum[sum] ?? 0) <= (changedBySum.get(sum) ?? 0)) sum++;
    return Math.min(least, sum);
  }

  private enter(sum: number): void {
    this.domainsBySum[sum] = (this.domainsBySum[sum] ?? 0) + 1;
    if (sum < this.smallest) this.smallest = sum;
  }

  private leave(sum: number): void {
    this.domainsBySum[sum] = this.domainsBySum[sum]! - 1;
  }
}
