import { PolicyError } from '../base/errors.ts';
import type { NodeList } from '../base/ids.ts';
import type { NodeFilter, NodeScore, SchedulingProfile } from '../contracts/scheduling.ts';
import type { Cluster } from '../model/cluster.ts';

/** A profile under guard, and the way to put a new instance of the policy behind it. */
export interface GuardedProfile {
  readonly profile: SchedulingProfile;
  /** Creates the policy anew: whatever state it kept is gone. */
  recreate(): void;
}

/**
 * Wraps a profile for check mode: around each call the columns are hashed, so that a policy in plain JavaScript that writes
 * to its views is caught in the act; and the instance behind the calls can be replaced at any time, so that one that keeps
 * hidden state is caught by its decisions.
 *
 * *Cost*: O(nodes) a call.
 *
 * @param create makes an instance of the policy; each must have the same filters and scores
 */
export function guardProfile(
  create: () => SchedulingProfile,
  cluster: Cluster,
  policy: string,
): GuardedProfile {
  let current = create();
  const watch = <T>(what: string, call: () => T): T => {
    const before = fingerprint(cluster);
    const result = call();
    if (fingerprint(cluster) !== before) {
      throw new PolicyError(
        policy,
        `${what} changed the columns of ${cluster.name}: views are read-only`,
      );
    }
    return result;
  };
  const filters = (current.filters ?? []).map(
    (filter, i): NodeFilter => ({
      ...filter,
      keep: (pod, candidates: NodeList, count, view) =>
        watch(`filter ${filter.name}`, () =>
          current.filters![i]!.keep(pod, candidates, count, view),
        ),
    }),
  );
  const scores = (current.scores ?? []).map(({ score, weight }, i) => ({
    weight,
    score: guardScore(
      score,
      (call) => watch(`score ${score.name}`, call),
      () => current.scores![i]!.score,
    ),
  }));
  const devices = current.devices && {
    choose: ((pod, node, view) =>
      watch('devices', () => current.devices!.choose(pod, node, view))) as NonNullable<
      SchedulingProfile['devices']
    >['choose'],
  };
  return {
    profile: { ...current, filters, scores, devices },
    recreate: () => {
      current = create();
    },
  };
}

function guardScore(
  score: NodeScore,
  watch: (call: () => void) => void,
  live: () => NodeScore,
): NodeScore {
  return {
    name: score.name,
    dependsOn: score.dependsOn,
    risesWithFree: score.risesWithFree,
    freeShares: score.freeShares,
    add: (pod, candidates, count, cluster, scores, weight) =>
      watch(() => live().add(pod, candidates, count, cluster, scores, weight)),
  };
}

/** A hash of everything that a policy sees of the nodes. */
function fingerprint(cluster: Cluster): number {
  const { nodes } = cluster;
  let hash = 0;
  const columns = [
    ...nodes.free,
    ...nodes.allocatable,
    nodes.state,
    nodes.deviceFreeMilli,
    nodes.gpuFreeMilli,
    nodes.gpuWholeFree,
    nodes.firstPod,
    nodes.podCount,
  ];
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      hash = Math.imul(hash ^ column[i]! ^ (hash >>> 13), 0x2c1b3c6d);
    }
  }
  return hash;
}
