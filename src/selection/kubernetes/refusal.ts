import { asNode, type NodeIndex } from '../../base/ids.ts';
import {
  type FrameworkPlugin,
  type FrameworkPod,
  type NodeStatus,
  UNRESOLVABLE,
} from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { type FilterRun, filterOf, statusOf } from './filter-run.ts';
import type { CycleFailure, PreFilterRejection } from './scheduling-cycle.ts';

/** Not looked at: outside of what PreFilter narrowed the search to. */
const ABSENT = -1;

/**
 * Why a cycle found no node: one code per list position, from which status, plug-in and message follow.
 *
 * Refilled for each refusal: valid until the next.
 */
export class Refusal implements CycleFailure {
  preFilter: PreFilterRejection | null = null;
  readonly rejectors: FrameworkPlugin[] = [];
  private readonly nodes: KubeNodes;
  private codes: Int32Array;
  private run: FilterRun | null = null;
  private filters: readonly FrameworkPlugin[] = [];
  private readonly pod: { -readonly [K in keyof FrameworkPod]: FrameworkPod[K] };

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
    this.codes = new Int32Array(0);
    this.pod = { shape: undefined, kube: undefined, id: 0, key: 0, attempt: 0 } as never;
  }

  /** Begins a refusal: no node is looked at yet. Returns the codes by list position, to be filled. */
  begin(pod: FrameworkPod, run: FilterRun, filters: readonly FrameworkPlugin[]): Int32Array {
    const { listed, slots } = this.nodes;
    if (this.codes.length < slots) this.codes = new Int32Array(slots);
    this.codes.fill(ABSENT, 0, listed);
    this.preFilter = run.rejection;
    this.run = run;
    this.filters = filters;
    Object.assign(this.pod, pod);
    return this.codes;
  }

  /** Finds the plug-ins that refused, once the codes are there. */
  finish(): this {
    const { filters, rejectors } = this;
    const run = this.run!;
    rejectors.length = 0;
    const isRejector = new Uint8Array(filters.length);
    if (run.rejection === null) {
      for (let i = 0; i < this.nodes.listed; i++) {
        if (this.codes[i]! > 0) isRejector[filterOf(this.codes[i]!)] = 1;
      }
    }
    for (let f = 0; f < filters.length; f++) if (isRejector[f] === 1) rejectors.push(filters[f]!);
    const before = run.rejection?.plugin;
    if (before != null) rejectors.push(before);
    for (const plugin of run.narrowers) if (!rejectors.includes(plugin)) rejectors.push(plugin);
    return this;
  }

  statusOf(n: NodeIndex): NodeStatus {
    if (this.preFilter !== null) return this.preFilter.status;
    const code = this.codes[this.nodes.positionOf[n]!]!;
    return code === ABSENT ? UNRESOLVABLE : statusOf(code);
  }

  rejectorOf(n: NodeIndex): FrameworkPlugin | null {
    const code = this.codes[this.nodes.positionOf[n]!]!;
    return code > 0 ? this.filters[filterOf(code)]! : null;
  }

  message(preemption: string): string {
    const { listed } = this.nodes;
    const tail = preemption === '' ? '' : ` ${preemption}`;
    const head = `0/${listed} nodes are available:`;
    if (this.preFilter !== null) return `${head} ${this.preFilter.reason}.${tail}`;
    const run = this.run!;
    const counts = new Map<string, number>();
    let absent = 0;
    for (let i = 0; i < listed; i++) {
      if (this.codes[i] === ABSENT) absent++;
      else countReasons(counts, reasonsAt(run, this.pod, asNode(this.nodes.list[i]!)));
    }
    if (absent > 0) {
      const who = run.narrowers.map((plugin) => plugin.name).sort();
      counts.set(`node(s) didn't satisfy plugin(s) [${who.join(' ')}]`, absent);
    }
    return `${head}${tellCounts(counts)}${tail}`;
  }
}

/** Why a node refuses a pod, in upstream's words; empty if it does not. */
export function reasonsAt(run: FilterRun, pod: FrameworkPod, n: NodeIndex): string[] {
  const reasons: string[] = [];
  run.testNominated(pod, n, run.states, reasons);
  return reasons;
}

/** Adds one node's reasons to the counts. */
export function countReasons(counts: Map<string, number>, reasons: readonly string[]): void {
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

/** Prints counted reasons as upstream: sorted as strings, with a space before and a full stop; empty for none. */
export function tellCounts(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return '';
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`);
  return ` ${parts.sort(byBytes).join(', ')}.`;
}

/** *Order*: of UTF-16 code units, as Go's of bytes for all that messages hold. */
function byBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
