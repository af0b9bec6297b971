/**
 * One sync of a StatefulSet: which ordinals to create and which pods to delete. It goes from the lowest ordinal up and stops
 * at the first that is not right, unless it is parallel.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/statefulset; `maxUnavailable` is behind a gate that is off.
 */

/** A pod of a StatefulSet. */
export interface StatefulPod {
  readonly ordinal: number;
  readonly revision: number;
  readonly phase: 'Pending' | 'Running' | 'Ended';
  readonly isTerminating: boolean;
  readonly isReady: boolean;
  readonly isAvailable: boolean;
}

/** A StatefulSet at one instant. */
export interface StatefulState {
  readonly replicas: number;
  readonly firstOrdinal: number;
  readonly isParallel: boolean;
  /** Null is `OnDelete`. */
  readonly partition: number | null;
  /** Revision of pods below the partition, and of the present template. */
  readonly currentRevision: number;
  readonly updateRevision: number;
  /** By ordinal, at most one each. */
  readonly pods: readonly StatefulPod[];
}

/** What to do. */
export interface StatefulStep {
  readonly create: readonly { readonly ordinal: number; readonly revision: number }[];
  /** Ordinals whose pods go. */
  readonly remove: readonly number[];
}

/** Finds what one sync does. */
export function syncStateful(state: StatefulState): StatefulStep {
  const { firstOrdinal, isParallel, pods, replicas } = state;
  const byOrdinal = new Map(pods.map((pod) => [pod.ordinal, pod]));
  const end = firstOrdinal + replicas;
  const create: { ordinal: number; revision: number }[] = [];
  const remove: number[] = [];
  for (let ordinal = firstOrdinal; ordinal < end; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) create.push({ ordinal, revision: revisionFor(state, ordinal) });
    else if (pod.phase === 'Ended' && !pod.isTerminating) remove.push(ordinal);
    if (!isParallel && !isRight(pod)) return { create, remove };
  }
  const condemned = condemn(state, byOrdinal);
  if (condemned !== null) return { create, remove: [...remove, ...condemned] };
  if (create.length > 0 || remove.length > 0) return { create, remove };
  return { create, remove: update(state, byOrdinal) };
}

function isRight(pod: StatefulPod | undefined): boolean {
  return (
    pod !== undefined &&
    !pod.isTerminating &&
    pod.phase === 'Running' &&
    pod.isReady &&
    pod.isAvailable
  );
}

/** A missing pod below the partition comes back in the old revision. */
function revisionFor(state: StatefulState, ordinal: number): number {
  const { currentRevision, firstOrdinal, partition, updateRevision } = state;
  return partition !== null && ordinal < firstOrdinal + partition
    ? currentRevision
    : updateRevision;
}

/** Pods outside the range go, highest first. @returns null if there are none; an empty list if one of them blocks */
function condemn(
  state: StatefulState,
  byOrdinal: ReadonlyMap<number, StatefulPod>,
): readonly number[] | null {
  const { firstOrdinal, isParallel, replicas } = state;
  const condemned = [...byOrdinal.values()]
    .filter(({ ordinal }) => ordinal < firstOrdinal || ordinal >= firstOrdinal + replicas)
    .sort((a, b) => b.ordinal - a.ordinal);
  if (condemned.length === 0) return null;
  if (isParallel) return condemned.filter((pod) => !pod.isTerminating).map((pod) => pod.ordinal);
  const first = condemned[0]!;
  if (first.isTerminating) return [];
  // One that is not ready waits for itself, unless it is the lowest that is not healthy.
  const unhealthy = condemned.filter((pod) => !isRight(pod));
  const lowest = unhealthy.at(-1);
  if (!first.isReady && first !== lowest) return [];
  return [first.ordinal];
}

/** The highest pod of an old revision goes, if nothing above it is still on its way. */
function update(
  state: StatefulState,
  byOrdinal: ReadonlyMap<number, StatefulPod>,
): readonly number[] {
  const { firstOrdinal, partition, replicas, updateRevision } = state;
  if (partition === null) return [];
  for (let o = firstOrdinal + replicas - 1; o >= firstOrdinal + partition; o--) {
    const pod = byOrdinal.get(o);
    if (pod === undefined) return [];
    if (pod.revision !== updateRevision && !pod.isTerminating) return [o];
    if (!isRight(pod)) return [];
  }
  return [];
}
