/** Taints and cordons that come and go while the cluster runs. */
import type { Taint } from '../../base/constraints.ts';
import type { NodeIndex } from '../../base/ids.ts';
import { UPDATE_NODE_TAINT } from '../../contracts/framework.ts';
import type { ClusterRun } from '../cluster-run.ts';

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Sets the taints of one key on a node, in place of those it had; the scheduler hears of it. */
export function setTaints(
  run: ClusterRun,
  n: NodeIndex,
  key: string,
  effects: readonly Taint['effect'][],
): void {
  change(run, n, key, effects, run.kube!.nodes.classOf(n).unschedulable);
}

/** Cordons a node, or takes the cordon away. */
export function cordon(run: ClusterRun, n: NodeIndex, isCordoned: boolean): void {
  change(run, n, UNSCHEDULABLE, isCordoned ? ['NoSchedule'] : [], isCordoned);
}

function change(
  run: ClusterRun,
  n: NodeIndex,
  key: string,
  effects: readonly Taint['effect'][],
  unschedulable: boolean,
): void {
  const { nodes } = run.kube!;
  const now = nodes.classOf(n);
  const has = now.taints.filter((taint) => taint.key === key);
  const isSame =
    has.length === effects.length &&
    has.every(({ effect }, i) => effect === effects[i]) &&
    now.unschedulable === unschedulable;
  if (isSame) return;
  const taints = [
    ...now.taints.filter((taint) => taint.key !== key),
    ...effects.map((effect) => ({ key, value: '', effect })),
  ];
  const classBefore = nodes.setClass(n, { taints, unschedulable });
  const action = UPDATE_NODE_TAINT;
  run.deciding.hearing?.happened({ resource: 'Node', action, node: n, classBefore });
}
