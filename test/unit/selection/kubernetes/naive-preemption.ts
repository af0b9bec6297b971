/** Preemption by sections 2.5 and 5 of the notes on kube-scheduler v1.34, one step after the other, for cpu, pods and ports. */

export interface TwinPod {
  readonly id: number;
  readonly cpu: number;
  readonly priority: number;
  /** Null has not started. */
  readonly start: number | null;
  readonly namespace: string;
  readonly app: string | null;
  /** 0 wants none. */
  readonly port: number;
  readonly isTerminating: boolean;
  readonly isPreempted: boolean;
}

export interface TwinNode {
  readonly cpu: number;
  readonly pods: number;
  readonly unschedulable: boolean;
  /** In the order of the node's list. */
  readonly list: TwinPod[];
  readonly nominated: TwinPod[];
}

export interface TwinBudget {
  readonly namespace: string;
  readonly selector: 'null' | 'empty' | 'x' | 'not-x' | 'any';
  readonly allowed: number;
  readonly disrupted: readonly number[];
}

export interface TwinAttempt {
  readonly pod: TwinPod;
  readonly never: boolean;
  /** Node that the pod is nominated to, or -1. */
  readonly nominatedTo: number;
  readonly nodes: readonly TwinNode[];
  readonly budgets: readonly TwinBudget[];
  readonly percentage: number;
  readonly absolute: number;
  /** Of [0, 1). */
  readonly offset: number;
}

export type TwinResult =
  | 'fits'
  | 'not-eligible'
  | 'none'
  | { readonly node: number; readonly victims: readonly number[]; readonly violations: number };

/** 0 passes, 1 unschedulable, 2 unresolvable: the first filter that refuses says which. */
function filter(pod: TwinPod, node: TwinNode, present: readonly TwinPod[]): number {
  if (node.unschedulable) return 2;
  if (pod.port !== 0 && present.some(({ port }) => port === pod.port)) return 1;
  const free = node.cpu - present.reduce((sum, { cpu }) => sum + cpu, 0);
  if (pod.cpu > 0 && pod.cpu > free) return pod.cpu > node.cpu ? 2 : 1;
  return present.length + 1 > node.pods ? 1 : 0;
}

/** With those nominated to the node that matter, then without. */
function filterTwice(pod: TwinPod, node: TwinNode, present: readonly TwinPod[]): number {
  const others = node.nominated.filter((p) => p.id !== pod.id && p.priority >= pod.priority);
  const first = others.length === 0 ? 0 : filter(pod, node, [...present, ...others]);
  return first === 0 ? filter(pod, node, present) : first;
}

function byImportance(a: TwinPod, b: TwinPod): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const first = a.start ?? Number.MAX_VALUE;
  const second = b.start ?? Number.MAX_VALUE;
  return first - second;
}

function covers({ namespace, selector }: TwinBudget, pod: TwinPod): boolean {
  if (namespace !== pod.namespace || pod.app === null) return false;
  if (selector === 'null' || selector === 'empty') return false;
  return selector === 'any' || (pod.app === 'x') === (selector === 'x');
}

interface TwinCandidate {
  readonly node: number;
  readonly victims: readonly TwinPod[];
  readonly violations: number;
}

function dryRun({ budgets, nodes, pod }: TwinAttempt, n: number): TwinCandidate | null {
  const node = nodes[n]!;
  const pool = node.list.filter(({ priority }) => priority < pod.priority);
  if (pool.length === 0) return null;
  let present = node.list.filter(({ priority }) => priority >= pod.priority);
  if (filterTwice(pod, node, present) !== 0) return null;
  pool.sort(byImportance);
  const allowed = budgets.map((budget) => budget.allowed);
  const violating: TwinPod[] = [];
  const others: TwinPod[] = [];
  for (const one of pool) {
    let isOver = false;
    for (let b = 0; b < budgets.length; b++) {
      if (!covers(budgets[b]!, one) || budgets[b]!.disrupted.includes(one.id)) continue;
      allowed[b]!--;
      if (allowed[b]! < 0) isOver = true;
    }
    (isOver ? violating : others).push(one);
  }
  const victims: TwinPod[] = [];
  let violations = 0;
  for (const one of [...violating, ...others]) {
    if (filterTwice(pod, node, [...present, one]) === 0) present = [...present, one];
    else {
      victims.push(one);
      if (violating.includes(one)) violations++;
    }
  }
  if (victims.length === 0) return null;
  if (violating.length > 0 && others.length > 0) victims.sort(byImportance);
  return { node: n, victims, violations };
}

/** Less is better, item by item. */
function rank({ victims, violations }: TwinCandidate): readonly number[] {
  const top = victims[0]!.priority;
  const starts = victims.filter(({ priority }) => priority === top).map(({ start }) => start);
  return [
    violations,
    top,
    victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    victims.length,
    -Math.min(...starts.map((start) => start ?? Number.MAX_VALUE)),
  ];
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

/** What a cycle and, if it is refused, preemption come to. */
export function naivePreemption(attempt: TwinAttempt): TwinResult {
  const { nodes, nominatedTo, pod } = attempt;
  const statuses = nodes.map((node) => filterTwice(pod, node, node.list));
  if (statuses.includes(0)) return 'fits';
  if (attempt.never) return 'not-eligible';
  if (nominatedTo >= 0 && statuses[nominatedTo] !== 2) {
    const waits = nodes[nominatedTo]!.list.some(
      (p) => p.priority < pod.priority && p.isTerminating && p.isPreempted,
    );
    if (waits) return 'not-eligible';
  }
  const potential = statuses.flatMap((status, n) => (status === 1 ? [n] : []));
  const many = potential.length;
  const share = Math.floor((many * attempt.percentage) / 100);
  const enough = Math.min(many, Math.max(attempt.absolute, share));
  const start = Math.floor(attempt.offset * many);
  const found: TwinCandidate[] = [];
  for (let j = 0; j < many; j++) {
    const candidate = dryRun(attempt, potential[(start + j) % many]!);
    if (candidate !== null) found.push(candidate);
    if (found.some(({ violations }) => violations === 0) && found.length >= enough) break;
  }
  const ordered = [
    ...found.filter(({ violations }) => violations === 0),
    ...found.filter(({ violations }) => violations > 0),
  ];
  let best: TwinCandidate | null = null;
  for (const one of ordered) if (best === null || isBetter(rank(one), rank(best))) best = one;
  if (best === null) return 'none';
  const { node, victims, violations } = best;
  return { node, victims: victims.map(({ id }) => id), violations };
}
