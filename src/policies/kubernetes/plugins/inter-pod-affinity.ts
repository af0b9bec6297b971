import type { NodeIndex } from '../../../base/ids.ts';
import {
  type FeasibleNodes,
  type FilterPoint,
  type FrameworkNodes,
  type FrameworkPod,
  type NodeStatus,
  PASS,
  type PlacedPod,
  type PreFilterResult,
  type ScorePoint,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import { AffinityCounts, hasAffinity, type TablesByKey } from '../affinity-counts.ts';
import { AFFINITY_HINTS } from '../affinity-hints.ts';
import { argsOf } from '../args.ts';
import { PodSums } from '../pod-sums.ts';
import { HOSTNAME } from '../selectors.ts';
import type { SumTable } from '../sum-table.ts';
import { NO_DOMAIN } from '../topology.ts';

interface Args {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

/** Keeps pods near those, and away from those, that their terms name; existing pods' terms hold too. */
export const interPodAffinity = defineFramework<Args>({
  name: 'kubernetes/inter-pod-affinity',
  summary: 'Kubernetes InterPodAffinity: required and preferred affinity between pods.',
  formula:
    'floor(100 * ((s - min) / (max - min))), s = sum of the weights of matching terms in the domains of the node',
  paramsHelp: {
    hardPodAffinityWeight: "score of an existing pod's required affinity, 0 to 100; default 1",
    ignorePreferredTermsOfExistingPods: 'no score for pods without preferred terms; default false',
  },
  params: argsOf('InterPodAffinityArgs', (fields) => ({
    hardPodAffinityWeight: fields.integer('hardPodAffinityWeight', 1, 0, 100),
    ignorePreferredTermsOfExistingPods: fields.boolean('ignorePreferredTermsOfExistingPods', false),
  })),
  create: (args, { nodes }) => {
    const table = new AffinityTable(args, nodes);
    return {
      name: 'InterPodAffinity',
      filter: filterOf(table),
      score: scoreOf(table, args),
      hints: AFFINITY_HINTS,
      memory: [table],
    };
  },
});

/** Counts by shape. Shapes without terms have none while no pod on a node ever had any. */
class AffinityTable {
  readonly sums: PodSums;
  private readonly args: Args;
  private readonly nodes: FrameworkNodes;
  private readonly byShape: (AffinityCounts | undefined)[] = [];
  private classified = 0;
  private isAnyAffine = false;

  constructor(args: Args, nodes: FrameworkNodes) {
    this.args = args;
    this.nodes = nodes;
    this.sums = new PodSums(nodes);
  }

  /** The counts of a pod, up to date; null if nothing can concern it. */
  find(pod: FrameworkPod): AffinityCounts | null {
    this.sums.sync();
    const { seen } = this.sums;
    for (; this.classified < seen.length; this.classified++) {
      this.isAnyAffine ||= hasAffinity(this.nodes.kubeOf(seen[this.classified]!));
    }
    if (!this.isAnyAffine && !hasAffinity(pod.kube)) return null;
    return this.of(pod);
  }

  of({ kube, shape }: FrameworkPod): AffinityCounts {
    let counts = this.byShape[shape.index];
    if (counts === undefined) {
      const { hardPodAffinityWeight } = this.args;
      const { topology } = this.sums;
      counts = new AffinityCounts({
        shape,
        kube,
        hardPodAffinityWeight,
        nodes: this.nodes,
        topology,
      });
      this.byShape[shape.index] = counts;
      this.sums.sync();
      this.sums.add(counts);
    }
    return counts;
  }
}

/** Cycle state: in a dry run, with what it changes by table and domain. */
interface AffinityState {
  readonly counts: AffinityCounts;
  readonly changes: Map<SumTable, Map<number, number>> | null;
}

const SKIP: PreFilterResult<AffinityState> = { kind: 'skip' };

const REASONS = {
  affinity: "node(s) didn't match pod affinity rules",
  antiAffinity: "node(s) didn't match pod anti-affinity rules",
  existing: "node(s) didn't satisfy existing pods anti-affinity rules",
};

function filterOf(table: AffinityTable): FilterPoint<AffinityState> {
  const change = (state: AffinityState, { shape }: PlacedPod, at: NodeIndex, by: 1 | -1): void => {
    for (const { table: sums, weight } of table.sums.links(shape)) {
      const domain = sums.domain(at, table.sums.classIndexOf(at));
      if (domain === NO_DOMAIN) continue;
      let changed = state.changes!.get(sums);
      if (changed === undefined) {
        changed = new Map();
        state.changes!.set(sums, changed);
      }
      changed.set(domain, (changed.get(domain) ?? 0) + by * weight);
    }
  };
  return {
    dependsOn: (_pod, state) => {
      const { existing, shunned, wanted } = (state as AffinityState).counts;
      const reads = wanted.has(HOSTNAME) || shunned.has(HOSTNAME);
      return reads || (existing.get(HOSTNAME)?.contributors ?? 0) > 0 ? 'cluster' : 'cluster-class';
    },
    preFilter: (pod) => {
      const counts = table.find(pod);
      if (counts === null) return SKIP;
      const isConcerned =
        counts.wanted.size > 0 || counts.shunned.size > 0 || anyPods(counts.existing);
      return isConcerned ? { kind: 'run', state: { counts, changes: null } } : SKIP;
    },
    test: (_pod, n, _nodes, state) => statusOf(judge(state, n)),
    reasons: (_pod, n, _nodes, state) => {
      const rule = judge(state, n);
      return rule === null ? [] : [REASONS[rule]];
    },
    cloneState: ({ counts, changes }) => ({
      counts,
      changes: new Map([...(changes ?? [])].map(([sums, by]) => [sums, new Map(by)])),
    }),
    addPod: (state, _pod, added, { node }) => change(state, added, node, 1),
    removePod: (state, _pod, removed, { node }) => change(state, removed, node, -1),
  };
}

function statusOf(rule: keyof typeof REASONS | null): NodeStatus {
  if (rule === null) return PASS;
  return rule === 'affinity' ? UNRESOLVABLE : UNSCHEDULABLE;
}

function anyPods(tables: TablesByKey): boolean {
  for (const table of tables.values()) if (table.contributors > 0) return true;
  return false;
}

/** The first rule that the node breaks, or null. */
function judge({ counts, changes }: AffinityState, n: NodeIndex): keyof typeof REASONS | null {
  /** The sum in the node's domain; -1 where the node lacks the key. */
  const sumAt = (table: SumTable): number => {
    const domain = table.column!.domainOf[n]!;
    if (domain === NO_DOMAIN) return -1;
    return table.at(domain) + (changes?.get(table)?.get(domain) ?? 0);
  };
  let isMissing = false;
  for (const table of counts.wanted.values()) {
    const sum = sumAt(table);
    if (sum < 0) return 'affinity';
    isMissing ||= sum === 0;
  }
  if (isMissing && !(counts.matchesItself && isEmpty(counts.wanted, changes))) return 'affinity';
  for (const table of counts.shunned.values()) if (sumAt(table) > 0) return 'antiAffinity';
  for (const table of counts.existing.values()) if (sumAt(table) > 0) return 'existing';
  return null;
}

/** True if no pod at all matches, anywhere. */
function isEmpty(tables: TablesByKey, changes: AffinityState['changes']): boolean {
  for (const table of tables.values()) {
    let total = table.total;
    for (const delta of changes?.get(table)?.values() ?? []) total += delta;
    if (total !== 0) return false;
  }
  return true;
}

function scoreOf(affinities: AffinityTable, args: Args): ScorePoint {
  return {
    dependsOn: (_pod, state) => {
      const pods = (state as AffinityCounts).liked.get(HOSTNAME)?.contributors ?? 0;
      return pods > 0 ? 'cluster' : 'cluster-class';
    },
    preScore: (pod) => {
      const { podAffinity, podAntiAffinity } = pod.kube;
      const preferred =
        (podAffinity?.preferred.length ?? 0) + (podAntiAffinity?.preferred.length ?? 0);
      if (args.ignorePreferredTermsOfExistingPods && preferred === 0) return null;
      const counts = affinities.find(pod);
      return counts === null || !anyPods(counts.liked) ? null : { state: counts };
    },
    score: (_pod, n, _nodes, state) => {
      let sum = 0;
      for (const table of (state as AffinityCounts).liked.values()) {
        const domain = table.column!.domainOf[n]!;
        if (domain !== NO_DOMAIN) sum += table.at(domain);
      }
      return sum;
    },
    normalise,
    normalisesBySet: true,
  };
}

/** From the smallest to the largest raw score, the division first. */
function normalise(scores: Float64Array, { count }: FeasibleNodes): void {
  let max = Number.NEGATIVE_INFINITY;
  let min = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    if (scores[i]! > max) max = scores[i]!;
    if (scores[i]! < min) min = scores[i]!;
  }
  const range = max - min;
  for (let i = 0; i < count; i++) {
    scores[i] = range > 0 ? Math.trunc(100 * ((scores[i]! - min) / range)) : 0;
  }
}
