/** Lets a tool hear what the metrics of a run hear, without changing what they record. */
import type { ClusterObserver } from '../../src/contracts/observer.ts';
import type { Simulation } from '../../src/run/run.ts';

/**
 * Calls `listener` after the recorder of a cluster, at the same instant and with the same arguments.
 *
 * @param clusterIndex position in the run's list of clusters
 */
export function listen(
  simulation: Simulation,
  clusterIndex: number,
  listener: Partial<ClusterObserver>,
): void {
  const recorder = simulation.world.clusters[clusterIndex]!.recorder as ClusterObserver;
  for (const [name, hear] of Object.entries(listener) as [keyof ClusterObserver, Heard][]) {
    const record = (recorder[name] as Heard).bind(recorder);
    (recorder as unknown as Record<string, Heard>)[name] = (a, b, c, d) => {
      record(a, b, c, d);
      hear(a, b, c, d);
    };
  }
}

type Heard = (a: never, b: never, c: never, d: never) => void;
