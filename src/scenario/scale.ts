/**
 * A part of a world: the same clusters, laws, policies and instants, with fewer nodes and as much less of all that comes to
 * them. What a node, a pod or a job is stays as it is, so load per node, waits and shares stay about as they were.
 */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { leastScale, parseScale, type Refuse } from '../base/scale.ts';
import { scaleControlPlane, scaleFleet } from './scale-fleet.ts';
import { scaleWorkload } from './scale-workload.ts';
import type { Failure, Scenario } from './scenario.ts';

/**
 * Scales a scenario.
 *
 * Nodes, replicas, initial pods, quotas and repairers become whole numbers; arrivals, boots, binds and evictions a second
 * shrink by the same factor, and an attempt of a scheduler takes as much longer: a backlog takes as long to work off as in the
 * whole world. Thresholds are not scaled.
 *
 * @param scale above 0, at most 1, as written: `1/1000` or `0.001`
 * @throws ScenarioError for a scale that is none; with everything that cannot be scaled
 */
export function scaleScenario(scenario: Scenario, scale: string): Scenario {
  const parsed = parseScale(scale);
  if ('expected' in parsed) {
    const value = JSON.stringify(scale);
    throw new ScenarioError([{ path: '--scale', value, expected: parsed.expected }]);
  }
  const factor = parsed.value;
  if (factor === 1) return scenario;
  const issues: Issue[] = [];
  const refuse: Refuse = (path, expected) =>
    issues.push({ path, value: `--scale ${scale}`, expected });
  if (scenario.kubernetes !== undefined) {
    refuse('workloads', 'no objects of Kubernetes, whose numbers mean what they say');
  }
  const { nodeLifecycle } = scenario;
  const scaled: Scenario = {
    ...scenario,
    ...scaleFleet(scenario, factor, refuse),
    workloads: scenario.workloads.map((workload) => scaleWorkload(workload, factor, refuse)),
    controlPlane: scaleControlPlane(scenario.controlPlane, factor, 'controlPlane', refuse),
    failures: scenario.failures.map((failure, i) =>
      scaleFailure(failure, factor, `failures[${i}]`, refuse),
    ),
    nodeLifecycle: {
      ...nodeLifecycle,
      evictionsPerSecond: nodeLifecycle.evictionsPerSecond * factor,
      slowEvictionsPerSecond: nodeLifecycle.slowEvictionsPerSecond * factor,
      largeZone: Math.round(nodeLifecycle.largeZone * factor),
    },
  };
  if (issues.length > 0) throw new ScenarioError(issues);
  return scaled;
}

function scaleFailure(failure: Failure, factor: number, path: string, refuse: Refuse): Failure {
  if (failure.kind === 'outage') {
    const { kind } = failure.target;
    if (kind === 'node' || kind === 'rack') {
      refuse(path, `an outage of a pool, a cluster or more: a ${kind} has no part`);
    }
    return failure;
  }
  if (failure.repairers === null) return failure;
  const repairers = Math.round(failure.repairers * factor);
  if (repairers === 0 && failure.repairers > 0) {
    refuse(`${path}.repairers`, `${leastScale(failure.repairers)}, or nobody repairs`);
  }
  return { ...failure, repairers };
}
