import { describe, expect, it } from 'vitest';
import type { SchedulingProfile } from '../../../src/contracts/scheduling.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { guardProfile } from '../../../src/selection/guard.ts';
import { selectFor } from '../../../src/selection/select.ts';
import { buildCluster } from '../../../src/testing.ts';

const STREAM = { uniform: () => 0.01 };

/** A score that writes into a view, as plain JavaScript could. */
function vandal(): SchedulingProfile {
  return {
    kind: 'profile',
    ties: 'index',
    scores: [
      {
        weight: 1,
        score: {
          name: 'vandal',
          dependsOn: 'own-node',
          add: (_pod, candidates, _count, cluster) => {
            (cluster.nodes.podCount as unknown as number[])[candidates[0]!] = 7;
          },
        },
      },
    ],
  };
}

/** A score that remembers how often it was asked: hidden state. */
function forgetful(): SchedulingProfile {
  let asked = 0;
  return {
    kind: 'profile',
    ties: 'index',
    scores: [
      {
        weight: 1,
        score: {
          name: 'mood',
          dependsOn: 'own-node',
          add: (_pod, candidates, count, _cluster, scores) => {
            asked++;
            for (let i = 0; i < count; i++) scores[i]! += (asked * (candidates[i]! + 1)) % 5;
          },
        },
      },
    ],
  };
}

describe('the guard of check mode', () => {
  it('catches a policy that writes to its views', () => {
    const test = buildCluster([{ count: 4, cpuMillicores: 4000, memoryMib: 1024 }]);
    const guard = guardProfile(vandal, test.view as Cluster, 'acme/vandal');
    const { selector } = selectFor({
      policy: 'acme/vandal',
      cluster: test.view as Cluster,
      profile: guard.profile,
      stream: STREAM,
      check: guard,
    });
    expect(() => selector.choose(test.attempt({ cpuMillicores: 100 }))).toThrow(
      /changed the columns/,
    );
  });

  it('catches a policy whose decisions depend on what it remembers', () => {
    const test = buildCluster([{ count: 4, cpuMillicores: 4000, memoryMib: 1024 }]);
    const guard = guardProfile(forgetful, test.view as Cluster, 'acme/mood');
    const { selector } = selectFor({
      policy: 'acme/mood',
      cluster: test.view as Cluster,
      profile: guard.profile,
      stream: STREAM,
      check: guard,
    });
    expect(() => {
      for (let i = 0; i < 10; i++) selector.choose(test.attempt({ cpuMillicores: 100 }));
    }).toThrow(/the full scan/);
  });
});
