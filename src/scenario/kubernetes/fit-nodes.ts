/** Pods of a snapshot must fit on the nodes that they are on: a run starts from a world whose sums hold. */
import type { MachineType, PodSpec, Pool } from '../scenario.ts';
import type { Losses } from './losses.ts';
import type { InitialPod } from './objects.ts';

/** What is left of a node. */
interface Room {
  readonly free: Map<string, number>;
  pods: number;
  gpuMilli: number;
}

/**
 * Takes pods off nodes that do not exist, or where they do not fit with those before them: they wait in the queue instead.
 * That happens where a node's allocatable amounts shrank under its pods, or where a snapshot is not of one instant.
 *
 * *Order*: pods as the files list them.
 */
export function fitOnNodes(
  pods: readonly InitialPod[],
  pools: readonly Pool[],
  types: ReadonlyMap<string, MachineType | null>,
  losses: Losses,
): InitialPod[] {
  const rooms = new Map<string, Room>();
  for (const pool of pools) {
    const names = pool.nodes?.map(({ name }) => name) ?? ordinals(pool);
    names.forEach((name, i) => {
      const type = types.get(pool.nodes?.[i]?.machineType ?? pool.machineType);
      if (type) rooms.set(name, roomOf(type));
    });
  }
  return pods.map((pod) => {
    if (pod.node === null) return pod;
    const room = rooms.get(pod.node);
    if (room !== undefined && take(room, pod.pod)) return pod;
    losses.note(
      room === undefined
        ? 'pods on nodes that are not in the files: they wait in the queue'
        : 'pods that do not fit beside the others of their node: they wait in the queue',
    );
    return { ...pod, node: null };
  });
}

function ordinals(pool: Pool): string[] {
  return Array.from({ length: pool.count }, (_, i) => `${pool.name}/${i}`);
}

function roomOf(type: MachineType): Room {
  return {
    free: new Map([
      ['cpu', type.cpuMillicores],
      ['memory', type.memoryBytes],
      ...Object.entries(type.extended),
    ]),
    pods: type.pods,
    gpuMilli: (type.gpus?.count ?? 0) * 1000,
  };
}

/** Takes a pod's requests; false, and nothing taken, if they do not fit. */
function take(room: Room, pod: PodSpec): boolean {
  const asked = [
    ['cpu', pod.cpuMillicores],
    ['memory', pod.memoryBytes],
    ...Object.entries(pod.extended),
  ] as const;
  const milli = (pod.gpus?.count ?? 0) * (pod.gpus?.milliPerDevice ?? 0);
  const fits = asked.every(([name, amount]) => amount <= (room.free.get(name) ?? 0));
  if (!fits || room.pods < 1 || milli > room.gpuMilli) return false;
  for (const [name, amount] of asked) room.free.set(name, (room.free.get(name) ?? 0) - amount);
  room.pods--;
  room.gpuMilli -= milli;
  return true;
}
