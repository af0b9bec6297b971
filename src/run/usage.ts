/** From the recorders' integrals to what the bill is made from. */
import { CPU, MEMORY } from '../base/ids.ts';
import type { ClusterFee, PoolUsage, ResourceSeconds, WorkloadUsage } from '../cost/usage.ts';
import { NODE_STATES } from '../model/view.ts';
import type { World } from './build.ts';

const BYTES_PER_GIB = 1073741824;
const US_PER_SECOND = 1e6;

/** Usage of every (cluster, pool, machine type) from time 0 until now. */
export function usagesOf(world: World): PoolUsage[] {
  return world.books.flatMap((built, c) => {
    const plan = world.plans[c]!;
    return plan.kinds.map((kind, k) => {
      const { type, pool } = kind;
      const seconds = (state: string): number =>
        built.recorder.paid.integral(k * NODE_STATES.length + indexOfState(state)) / US_PER_SECOND;
      const nodeSeconds = {
        booting: seconds('booting'),
        up: seconds('up'),
        draining: seconds('draining'),
        down: seconds('down'),
      };
      const working = nodeSeconds.up + nodeSeconds.draining;
      const node = {
        cpuCores: type.cpuMillicores / 1000,
        memoryGib: type.memoryBytes / BYTES_PER_GIB,
        gpus: type.gpus?.count ?? 0,
      };
      return {
        cluster: plan.cluster.name,
        pool: pool.name,
        machineType: type.name,
        provider: plan.cluster.provider,
        price: pool.price,
        dollarsPerNodeHour: type.prices[pool.price] ?? 0,
        node,
        nodeSeconds,
        capacity: {
          cpuCoreSeconds: working * node.cpuCores,
          memoryGibSeconds: working * node.memoryGib,
          gpuSeconds: working * node.gpus,
        },
        workloads: workloadUsages(world, c, k),
      };
    });
  });
}

function indexOfState(state: string): number {
  return (NODE_STATES as readonly string[]).indexOf(state);
}

function workloadUsages(world: World, cluster: number, kind: number): WorkloadUsage[] {
  const { recorder } = world.books[cluster]!;
  const { facts } = world.workloads;
  const columns = world.resources.count + 1;
  const usages = facts.map((workload, w) => {
    const base = (kind * facts.length + w) * columns;
    const held = (column: number): number => recorder.heldSums.value(base + column);
    const usage: ResourceSeconds = {
      cpuCoreSeconds: (held(CPU) * world.resources.all[CPU]!.grain) / 1000 / US_PER_SECOND,
      memoryGibSeconds:
        (held(MEMORY) * world.resources.all[MEMORY]!.grain) / BYTES_PER_GIB / US_PER_SECOND,
      gpuSeconds: held(columns - 1) / 1000 / US_PER_SECOND,
    };
    return { workload: workload.name, team: workload.team, ...usage };
  });
  return usages
    .filter((u) => u.cpuCoreSeconds > 0 || u.memoryGibSeconds > 0 || u.gpuSeconds > 0)
    .sort((a, b) => (a.workload < b.workload ? -1 : 1));
}

/** Fees of the clusters' control planes until now. */
export function feesOf(world: World, nowUs: number): ClusterFee[] {
  return world.scenario.clusters.map((cluster) => {
    const provider = world.scenario.providers.find((p) => p.name === cluster.provider)!;
    return {
      cluster: cluster.name,
      provider: provider.name,
      seconds: nowUs / US_PER_SECOND,
      dollarsPerHour: provider.clusterFeeDollarsPerHour,
    };
  });
}
