import { assert } from '../base/assert.ts';
import { asNode, NONE, type NodeIndex, type ShapeIndex } from '../base/ids.ts';
import type { Cluster } from './cluster.ts';
import { ASSUMED, INTERRUPTED, RUNNING, STARTING, TERMINATING } from './pods.ts';
import { NODE_STATES, OFF } from './view.ts';

/**
 * Checks the conservation laws of one cluster over its columns, from scratch: per node and resource free + requested =
 * allocatable, devices and their sums, list links, totals.
 *
 * *Cost*: O(nodes + pods): at the end; at every event with `--check`.
 *
 * @throws InvariantError naming the law and the node
 */
export function checkCluster(cluster: Cluster): void {
  for (let n = asNode(0); n < cluster.nodes.count; n++) checkNode(cluster, n);
  checkTotals(cluster);
}

/**
 * Checks that a cluster's totals are the sums of its node columns.
 *
 * *Cost*: O(nodes): at every series bucket.
 *
 * @throws InvariantError naming the law
 */
export function checkTotals(cluster: Cluster): void {
  const { nodes, totals } = cluster;
  const allocated = new Float64Array(cluster.resources.count);
  const allocatable = new Float64Array(cluster.resources.count);
  const states = new Int32Array(NODE_STATES.length);
  let gpuAllocated = 0;
  let pods = 0;
  for (let n = asNode(0); n < nodes.count; n++) {
    states[nodes.state[n]!]!++;
    pods += nodes.podCount[n]!;
    if (!nodes.isServing(n)) continue;
    for (let r = 0; r < nodes.free.length; r++) {
      allocated[r]! += nodes.allocatable[r]![n]! - nodes.free[r]![n]!;
      allocatable[r]! += nodes.allocatable[r]![n]!;
    }
    gpuAllocated += nodes.gpuCount[n]! * 1000 - nodes.gpuFreeMilli[n]!;
  }
  for (let r = 0; r < allocated.length; r++) {
    assert(allocated[r] === totals.allocated[r], `${cluster.name}: total of resource ${r} drifted`);
    assert(allocatable[r] === totals.allocatable[r], `${cluster.name}: capacity ${r} drifted`);
  }
  assert(pods <= cluster.pods.count, `${cluster.name}: nodes hold more pods than live`);
  assert(gpuAllocated === totals.gpuAllocatedMilli, `${cluster.name}: GPU total drifted`);
  for (let s = 0; s < states.length; s++) {
    assert(states[s] === totals.nodes[s], `${cluster.name}: nodes in ${NODE_STATES[s]} drifted`);
  }
}

function checkNode(cluster: Cluster, n: NodeIndex): void {
  const { nodes, pods } = cluster;
  const requested = new Array<number>(nodes.free.length).fill(0);
  let gpuMilli = 0;
  let count = 0;
  let before: number = NONE;
  for (let p = nodes.firstPod[n]!; p !== NONE; p = pods.next(p)) {
    const state = pods.state(p);
    assert(
      state === ASSUMED ||
        state === STARTING ||
        state === RUNNING ||
        state === INTERRUPTED ||
        state === TERMINATING,
      `${cluster.nodeName(n)} lists a pod in state ${state}`,
    );
    assert(pods.node(p) === n && pods.prev(p) === before, `${cluster.nodeName(n)}: broken list`);
    const shape = cluster.shape(pods.shape(p) as ShapeIndex);
    for (let r = 0; r < requested.length; r++) requested[r]! += shape.requests[r]!;
    gpuMilli += shape.gpuCount * shape.gpuMilliPerDevice;
    before = p;
    count++;
  }
  assert(count === nodes.podCount[n], `${cluster.nodeName(n)}: counts ${count} pods`);
  assert(nodes.state[n] !== OFF || count === 0, `${cluster.nodeName(n)} is off and holds pods`);
  for (let r = 0; r < requested.length; r++) {
    assert(
      nodes.free[r]![n]! + requested[r]! === nodes.allocatable[r]![n] && nodes.free[r]![n]! >= 0,
      `${cluster.nodeName(n)}: free + requested != allocatable for resource ${r}`,
    );
  }
  let left = 0;
  let whole = 0;
  for (let i = 0; i < nodes.gpuCount[n]!; i++) {
    const milli = nodes.deviceFreeMilli[nodes.gpuOffset[n]! + i]!;
    assert(milli >= 0 && milli <= 1000, `${cluster.nodeName(n)}: device ${i} holds ${milli}`);
    left += milli;
    if (milli === 1000) whole++;
  }
  assert(
    left === nodes.gpuFreeMilli[n] &&
      left + gpuMilli === nodes.gpuCount[n]! * 1000 &&
      whole === nodes.gpuWholeFree[n],
    `${cluster.nodeName(n)}: GPU shares drifted`,
  );
}
