import { asNodeList } from '../../../../src/base/ids.ts';
import type { ParamIssue, SchedulingPolicy } from '../../../../src/contracts/policy.ts';
import type { SchedulingProfile, SchedulingSetup } from '../../../../src/contracts/scheduling.ts';
import type { PodBuild, TestCluster } from '../../../../src/testing.ts';

/** Creates a profile with raw parameters, as a run does. */
export function profileOf(
  policy: SchedulingPolicy,
  cluster: TestCluster,
  params?: unknown,
  setup: SchedulingSetup = cluster.setup(),
): SchedulingProfile {
  const checked = policy.params?.(params) ?? { value: undefined };
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  return policy.create(checked.value, setup) as SchedulingProfile;
}

/** The issues of raw parameters. */
export function issuesOf(policy: SchedulingPolicy, params: unknown): readonly ParamIssue[] {
  const checked = policy.params!(params);
  return 'issues' in checked ? checked.issues : [];
}

/** The weighted sum of scores of each node, fitting or not, for one pod. */
export function scoresOf(
  profile: SchedulingProfile,
  cluster: TestCluster,
  pod: PodBuild,
): readonly number[] {
  const { count } = cluster.view.nodes;
  const nodes = asNodeList(Int32Array.from({ length: count }, (_, n) => n));
  const scores = new Float64Array(count);
  for (const { score, weight } of profile.scores ?? []) {
    score.add(cluster.attempt(pod), nodes, count, cluster.view, scores, weight);
  }
  return [...scores];
}
