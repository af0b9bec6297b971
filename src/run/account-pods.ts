/** What the pods that live when a run ends are accounted for. */
import { asPod, asShape, asWorkload, type NodeIndex, type ShapeIndex } from '../base/ids.ts';
import { ASSUMED, BACKOFF, PENDING, RUNNING, STARTING, TERMINATING } from '../model/pods.ts';
import type { BuiltCluster } from './build-cluster.ts';

/** Resource-time of pods that still hold nodes; waiting times so far of pods that still wait. */
export function accountLivePods(built: BuiltCluster, endUs: number): void {
  const { recorder, run } = built;
  const { pods } = run.cluster;
  for (let i = 0; i < pods.end; i++) {
    const p = asPod(i);
    const state = pods.state(p);
    const workload = asWorkload(pods.workload(p));
    const shape = asShape(pods.shape(p));
    if (state === PENDING || state === BACKOFF || state === ASSUMED) {
      const cause = pods.cause(p);
      if (pods.sinceUs(p) <= endUs) {
        recorder.waited({ workload, shape, cause }, pods.sinceUs(p), true);
      }
    }
    // Interrupted pods were accounted when their node went down.
    const isHeld = state === STARTING || state === RUNNING || state === TERMINATING;
    if (isHeld) hold(built, p, pods.sinceUs(p));
    else if (state === ASSUMED) hold(built, p, pods.assumedUs(p));
  }
}

function hold(built: BuiltCluster, p: ReturnType<typeof asPod>, fromUs: number): void {
  const { nodes, pods } = built.run.cluster;
  if (!nodes.isServing(pods.node(p) as NodeIndex)) return;
  built.recorder.held(
    asWorkload(pods.workload(p)),
    pods.node(p) as NodeIndex,
    pods.shape(p) as ShapeIndex,
    fromUs,
  );
}
