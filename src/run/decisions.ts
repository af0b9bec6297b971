/** Hears the decisions of one cluster one by one: for people, on re-simulation, so that a run stores only their hash. */
import { asNode } from '../base/ids.ts';
import {
  DECIDED_BIND,
  DECIDED_EVICT,
  DECIDED_NODE_DOWN,
  DECIDED_NODE_UP,
} from '../contracts/observer.ts';
import type { Decision } from '../results/comparable.ts';
import type { Simulation } from './run.ts';

const KINDS: ReadonlyMap<number, Decision['kind']> = new Map([
  [DECIDED_BIND, 'bind'],
  [DECIDED_EVICT, 'evict'],
  [DECIDED_NODE_UP, 'node up'],
  [DECIDED_NODE_DOWN, 'node down'],
]);

/**
 * Tells every decision of a cluster from now on, before it is folded into the trajectory.
 *
 * @param hear is given the decision and the trajectory so far, 16 hexadecimal digits; made only when asked for
 * @returns false if the scenario has no such cluster
 */
export function hearDecisions(
  simulation: Simulation,
  cluster: string,
  hear: (atUs: number, decision: () => Decision, trajectory: () => string) => void,
): boolean {
  const { scenario, clusters } = simulation.world;
  const at = scenario.clusters.findIndex(({ name }) => name === cluster);
  if (at < 0) return false;
  const { recorder, run } = clusters[at]!;
  const fold = recorder.decided.bind(recorder);
  recorder.decided = (kind, workload, serial, node) => {
    const { nowUs } = recorder.clock;
    const decision = (): Decision => ({
      atSeconds: nowUs / 1e6,
      kind: KINDS.get(kind)!,
      pod: workload < 0 ? null : `${run.workloads[workload]!.name}/${serial}`,
      node: node < 0 ? null : run.cluster.nodeName(asNode(node)),
    });
    hear(nowUs, decision, () => recorder.trajectory.hex());
    fold(kind, workload, serial, node);
  };
  return true;
}
