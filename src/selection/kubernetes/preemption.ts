import { asNode, asPod, type NodeIndex, type PodIndex } from '../../base/ids.ts';
import {
  type FrameworkPod,
  type PreemptionArgs,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { TentativePod } from '../../model/kube-tentative.ts';
import { findViolations } from './budget-split.ts';
import type { FilterRun } from './filter-run.ts';
import type { Nominator } from './nominator.ts';
import { countReasons, tellCounts } from './refusal.ts';
import type { CycleFailure, PreemptionResult, VictimFacts } from './scheduling-cycle.ts';

/** What a search for victims works on. */
export interface VictimSearch {
  readonly nodes: KubeNodes;
  readonly nominator: Nominator;
  readonly facts: VictimFacts;
  readonly args: PreemptionArgs;
  /** The filters and the statuses of the pod's refused cycle. */
  readonly filters: FilterRun;
  readonly failure: CycleFailure;
  /** In (0, 1): where among the candidates the search starts. */
  readonly offset: number;
}

/** A node that would take the pod without its victims. */
interface Candidate {
  readonly node: NodeIndex;
  /** Most important first. */
  readonly victims: readonly TentativePod[];
  readonly violations: number;
}

/**
 * Finds whom to preempt for a pod that was just refused; changes nothing.
 *
 * *Order*: candidates from the offset on in list order, those without violations before the others; the pick is lexicographic
 * and takes the first of what remains equal.
 *
 * *Source*: Kubernetes v1.34 scheduler, DefaultPreemption.
 */
export function findVictims(pod: FrameworkPod, search: VictimSearch): PreemptionResult {
  const ineligible = ineligibility(pod, search);
  if (ineligible !== null) return { kind: 'not-eligible', message: `preemption: ${ineligible}` };
  const potential = potentialNodes(search);
  const counts = new Map<string, number>();
  const candidates = findCandidates(pod, potential, search, counts);
  const best = pick(candidates, search.facts);
  if (best !== null) {
    return {
      kind: 'victims',
      node: best.node,
      victims: best.victims.map(({ id }) => asPod(id)),
      violations: best.violations,
    };
  }
  const { listed } = search.nodes;
  const untried = listed - potential.length;
  if (untried > 0) counts.set('Preemption is not helpful for scheduling', untried);
  return {
    kind: 'none',
    message: `preemption: 0/${listed} nodes are available:${tellCounts(counts)}`,
  };
}

/** Why the pod may not preempt now, in upstream's words; null if it may. */
function ineligibility(pod: FrameworkPod, search: VictimSearch): string | null {
  const { facts, failure, nodes, nominator } = search;
  if (pod.kube.preemptionPolicy === 'Never') {
    return 'not eligible due to preemptionPolicy=Never.';
  }
  const n = nominator.nodeOf(pod.id);
  if (n === -1 || !nodes.isListed(n) || failure.statusOf(n) === UNRESOLVABLE) return null;
  let waits = false;
  nodes.forEachPod(n, ({ id, isTerminating, shape }) => {
    if (isTerminating && shape.priority < pod.shape.priority && facts.isPreempted(asPod(id))) {
      waits = true;
    }
  });
  return waits ? 'not eligible due to a terminating pod on the nominated node.' : null;
}

function potentialNodes({ failure, nodes }: VictimSearch): NodeIndex[] {
  const potential: NodeIndex[] = [];
  nodes.forEachNode((n) => {
    if (failure.statusOf(n) === UNSCHEDULABLE) potential.push(n);
  });
  return potential;
}

function findCandidates(
  pod: FrameworkPod,
  potential: readonly NodeIndex[],
  search: VictimSearch,
  counts: Map<string, number>,
): Candidate[] {
  const { minCandidateNodesAbsolute, minCandidateNodesPercentage } = search.args;
  const many = potential.length;
  const most = Math.min(
    many,
    Math.max(minCandidateNodesAbsolute, Math.floor((many * minCandidateNodesPercentage) / 100)),
  );
  const start = Math.floor(search.offset * many);
  const harmless: Candidate[] = [];
  const violating: Candidate[] = [];
  for (let j = 0; j < many; j++) {
    const found = dryRun(pod, potential[(start + j) % many]!, search);
    if (Array.isArray(found)) countReasons(counts, found);
    else if (found !== null) (found.violations === 0 ? harmless : violating).push(found);
    if (harmless.length > 0 && harmless.length + violating.length >= most) break;
  }
  return [...harmless, ...violating];
}

/** Tries one node: a candidate, or the reasons why it is none; null if it takes the pod with nobody gone. */
function dryRun(
  pod: FrameworkPod,
  n: NodeIndex,
  search: VictimSearch,
): Candidate | string[] | null {
  const { facts, filters, nodes } = search;
  const node = nodes.tryOn(n);
  const pool = node.pods.filter(({ shape }) => shape.priority < pod.shape.priority);
  if (pool.length === 0) {
    nodes.endTry();
    return ['No preemption victims found for incoming pod'];
  }
  const states = filters.cloneStates();
  const remove = (victim: TentativePod): void => {
    node.remove(victim.id);
    filters.podRemoved(pod, n, victim, states);
  };
  for (const victim of pool) remove(victim);
  const reasons: string[] = [];
  if (filters.testNominated(pod, n, states, reasons) !== 0) {
    nodes.endTry();
    return reasons;
  }
  const isBefore = byImportance(facts);
  pool.sort(isBefore);
  const violates = findViolations(pool, facts.budgets);
  const victims: TentativePod[] = [];
  /** Adds a pod back; it stays if the pod still fits. */
  const isVictim = (victim: TentativePod): boolean => {
    node.add(victim);
    filters.podAdded(pod, n, victim, states);
    if (filters.testNominated(pod, n, states) === 0) return false;
    remove(victim);
    victims.push(victim);
    return true;
  };
  const violations = pool.filter((victim, i) => violates[i] && isVictim(victim)).length;
  pool.forEach((victim, i) => {
    if (!violates[i]) isVictim(victim);
  });
  nodes.endTry();
  if (victims.length === 0) return null;
  if (violates.includes(true) && violates.includes(false)) victims.sort(isBefore);
  return { node: asNode(n), victims, violations };
}

/** *Order*: higher priority, then earlier start; equal ones stay in the order of the node's list. */
function byImportance(facts: VictimFacts): (a: TentativePod, b: TentativePod) => number {
  return (a, b) => {
    if (a.shape.priority !== b.shape.priority) return b.shape.priority - a.shape.priority;
    const first = facts.startSeconds(asPod(a.id));
    const second = facts.startSeconds(asPod(b.id));
    if (first === second) return 0;
    return first < second ? -1 : 1;
  };
}

/** Added to each priority in sums, so that more victims never make less: 2^31. */
const PRIORITY_OFFSET = 2147483648;

/** Criteria in order; the least wins each. */
const CRITERIA: readonly ((candidate: Candidate, facts: VictimFacts) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]!.shape.priority,
  ({ victims }) => victims.reduce((sum, v) => sum + v.shape.priority + PRIORITY_OFFSET, 0),
  ({ victims }) => victims.length,
  (candidate, facts) => -earliestStart(candidate, facts),
];

function earliestStart({ victims }: Candidate, facts: VictimFacts): number {
  const highest = victims[0]!.shape.priority;
  const top = victims.filter(({ shape }) => shape.priority === highest);
  return Math.min(...top.map(({ id }) => facts.startSeconds(asPod(id) as PodIndex)));
}

function pick(candidates: readonly Candidate[], facts: VictimFacts): Candidate | null {
  let left = candidates;
  for (const criterion of CRITERIA) {
    if (left.length < 2) break;
    const values = left.map((candidate) => criterion(candidate, facts));
    const least = Math.min(...values);
    left = left.filter((_, i) => values[i] === least);
  }
  return left[0] ?? null;
}
