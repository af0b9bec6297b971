/** Laws of a running world that the columns alone do not show; checked between slices of a run. */
import { InvariantError } from '../../src/base/errors.ts';
import { asPod, NONE } from '../../src/base/ids.ts';
import { ASSUMED, BACKOFF, FREE, INTERRUPTED, PENDING, TERMINATING } from '../../src/model/pods.ts';
import { DOWN, UP } from '../../src/model/view.ts';
import type { ClusterRun } from '../../src/processes/cluster-run.ts';
import { PendingQueue } from '../../src/processes/pending-queue.ts';
import type { Simulation } from '../../src/run/run.ts';
import { isFeasible } from '../unit/selection/naive.ts';

/**
 * Checks every cluster.
 *
 * @throws InvariantError naming the law
 */
export function checkWorld(simulation: Simulation): void {
  for (const { run } of simulation.world.clusters) {
    checkProgress(run);
    checkGangs(run);
    checkWaiting(run);
    checkQueue(run);
  }
}

function must(condition: boolean, run: ClusterRun, law: string): void {
  if (!condition) throw new InvariantError(`${run.cluster.name} at ${run.nowUs / 1e6} s: ${law}`);
}

/** Nobody makes progress on a node that does not work, and nobody waits for a node that does. */
function checkProgress(run: ClusterRun): void {
  const { nodes, pods } = run.cluster;
  for (let i = 0; i < pods.end; i++) {
    const p = asPod(i);
    const state = pods.state(p);
    if (state === FREE) continue;
    const node = pods.node(p);
    const isQueued = state === PENDING || state === BACKOFF;
    must(isQueued === (node === NONE), run, `pod ${i} of state ${state} is on node ${node}`);
    if (isQueued) continue;
    const isDown = nodes.state[node] === DOWN;
    // Kubernetes sends pods to a node that nobody has found dead yet, and stops pods there.
    const isUnaware = run.kube !== null && (state === ASSUMED || state === TERMINATING);
    if (isDown && isUnaware) continue;
    must(isDown === (state === INTERRUPTED), run, `pod ${i} of state ${state} on node ${node}`);
  }
}

/** The living members of a gang hold nodes together or not at all. */
function checkGangs(run: ClusterRun): void {
  const { pods } = run.cluster;
  const placed = new Map<number, boolean>();
  for (let i = 0; i < pods.end; i++) {
    if (pods.state(i) === FREE || pods.gang(i) === NONE) continue;
    const isPlaced = pods.node(i) !== NONE;
    const before = placed.get(pods.gang(i));
    must(before === undefined || before === isPlaced, run, `gang ${pods.gang(i)} is split`);
    placed.set(pods.gang(i), isPlaced);
  }
}

/** Kubernetes' queue holds exactly the pods that are pending, and a pod has a nomination only while it waits. */
function checkQueue(run: ClusterRun): void {
  if (run.kube === null) return;
  const { pods } = run.cluster;
  let pending = 0;
  for (let i = 0; i < pods.end; i++) {
    if (pods.state(i) === PENDING) pending++;
    const isNominated = run.kube.nominator.nodeOf(i) !== NONE;
    must(!isNominated || pods.state(i) === PENDING, run, `pod ${i} is nominated and does not wait`);
  }
  must(pending === run.queue.pods, run, `${pending} pods are pending, ${run.queue.pods} queued`);
}

/** A single pod that was refused fits nowhere: whatever made room would have woken it. */
function checkWaiting(run: ClusterRun): void {
  if (!(run.queue instanceof PendingQueue) || run.queue.isBlocking || run.isDark) return;
  const profile = { kind: 'profile', ties: 'index' } as const;
  const { nodes } = run.cluster;
  for (const bucket of run.queue.refused) {
    must(bucket.units > 0, run, 'an empty bucket waits');
    if (bucket.size > 1) continue;
    const attempt = { shape: bucket.shape, key: 0, attempt: 0 };
    for (let n = 0; n < nodes.count; n++) {
      if (nodes.state[n] !== UP) continue;
      const fits = isFeasible(attempt, n, profile, run.cluster);
      must(!fits, run, `pods of shape ${bucket.shape.index} wait although node ${n} is free`);
    }
  }
}
