/** An attempt with a profile of filters and scores, as people read it. */
import { asNode, asNodeList, type NodeIndex } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { Feasibility } from '../selection/feasibility.ts';
import type { TriedNode, TriedPod } from './attempt-watch.ts';
import type { ClusterRun } from './cluster-run.ts';

/** What is known of the attempt. */
export interface ProfileAttempt {
  readonly pod: PodAttempt;
  readonly profile: SchedulingProfile;
  readonly feasibility: Feasibility;
  readonly chosen: NodeIndex | -1;
}

/**
 * Tells an attempt node by node, before the chosen node is taken: every node is asked, also where the policy draws a few.
 *
 * *Cost*: O(nodes x (filters + scores)).
 */
export function tellProfile(run: ClusterRun, attempt: ProfileAttempt): TriedPod {
  const { chosen, feasibility, pod, profile } = attempt;
  const { cluster } = run;
  const count = cluster.nodes.count;
  const reasons = Array.from({ length: count }, (_, n) => feasibility.reasonAt(pod, asNode(n)));
  const feasible = asNodeList(Int32Array.from(reasons.keys()).filter((n) => reasons[n] === ''));
  const scores = (profile.scores ?? []).map(({ score, weight }) => {
    const raw = new Float64Array(feasible.length);
    score.add(pod, feasible, feasible.length, cluster, raw, 1);
    return { name: score.name, weight, raw };
  });
  const totals = new Float64Array(feasible.length);
  for (const { raw, weight } of scores) {
    for (let i = 0; i < totals.length; i++) totals[i]! += weight * raw[i]!;
  }
  let i = 0;
  const tried = reasons.map((reason, n): TriedNode => {
    const node = cluster.nodeName(asNode(n));
    if (reason !== '') return { node, refusedBy: reason, reasons: [], scores: null, total: null };
    const k = i++;
    const own = scores.map(({ raw, weight }) => ({
      raw: raw[k]!,
      normalised: raw[k]!,
      weighted: weight * raw[k]!,
    }));
    return { node, refusedBy: null, reasons: [], scores: own, total: totals[k]! };
  });
  const top = totals.reduce((max, total) => Math.max(max, total), Number.NEGATIVE_INFINITY);
  const best = tried.filter(({ total }) => total === top).map(({ node }) => node);
  const refused = tried.length - feasible.length;
  return {
    cluster: cluster.name,
    atUs: run.nowUs,
    attempt: null,
    nodes: count,
    preFilter: null,
    scores: scores.map(({ name, weight }) => ({ name, weight })),
    tried,
    best,
    node: chosen === -1 ? null : cluster.nodeName(chosen),
    message: chosen === -1 ? `no node takes it: ${refused} of ${count} refused it` : null,
    preempts: null,
  };
}
