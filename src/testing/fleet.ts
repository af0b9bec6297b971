import { asCluster, asWorkload } from '../base/ids.ts';
import type { ClusterFacts, FleetView, PlacementRequest } from '../contracts/placement.ts';
import { FleetTable } from '../model/fleet.ts';
import { ResourceTable } from '../model/resources.ts';
import { type PodShape, ShapeTable } from '../model/shapes.ts';

/** One cluster of equal nodes, as its last summary shows it. */
export interface ClusterBuild {
  /** Default `cluster-<i>`; give names in ascending order, as a fleet has them. */
  readonly name?: string;
  readonly nodes: number;
  /** Per node; default 4000. */
  readonly cpuMillicores?: number;
  /** Per node; default 16384. */
  readonly memoryMib?: number;
  /** Share of every resource that is taken, 0..1; default 0. */
  readonly used?: number;
  /** Nodes that elastic pools could still add; default 0. */
  readonly elasticNodes?: number;
  readonly isPublic?: boolean;
  readonly isUp?: boolean;
  readonly weight?: number;
  readonly region?: string;
  readonly zone?: string;
  readonly provider?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A fleet for tests of placement policies. */
export interface TestFleet {
  readonly view: FleetView;
  /** Interns a shape. Memory in MiB. */
  shape(cpuMillicores: number, memoryMib: number): PodShape;
  /** A request for `count` pods; by default of 1000m and 1024 MiB, no gang, nothing assigned before, decision 0. */
  request(count: number, more?: Partial<PlacementRequest>): PlacementRequest;
  /** Subtracts pods from the ledger, as the placer does between two summaries. */
  assign(cluster: number, shape: PodShape, count: number): void;
}

/** Builds a fleet on the real ledger; clusters are numbered in the order given. */
export function buildFleet(clusters: readonly ClusterBuild[]): TestFleet {
  const mib = 1024 * 1024;
  const grains = new Map([
    ['cpu', 1],
    ['memory', mib],
    ['pods', 1],
  ]);
  const resources = new ResourceTable(grains, new Map([['memory', 17_592_186_044_416]]));
  const shapes = new ShapeTable();
  const perNode = clusters.map((c) => [c.cpuMillicores ?? 4000, c.memoryMib ?? 16_384, 110]);
  const table = new FleetTable(
    resources,
    clusters.map((_, c) => [
      { allocatable: perNode[c]!, gpuCount: 0, gpuModel: '', admits: () => true },
    ]),
    1,
  );
  clusters.forEach((cluster, c) => {
    perNode[c]!.forEach((quantity, r) => {
      const allocatable = quantity * cluster.nodes;
      table.publish(asCluster(c), r, {
        free: allocatable - Math.floor(allocatable * (cluster.used ?? 0)),
        allocatable,
        elastic: quantity * (cluster.elasticNodes ?? 0),
      });
    });
    table.isUp[c] = cluster.isUp === false ? 0 : 1;
  });
  const shape = (cpuMillicores: number, memoryMib: number) =>
    shapes.intern({
      requests: [cpuMillicores, memoryMib, 1],
      gpuCount: 0,
      gpuMilliPerDevice: 0,
      gpuModels: [],
      nodeSelector: [],
      tolerations: [],
      priority: 0,
      priorityClass: 'default',
    });
  return {
    view: viewOf(table, clusters.map(factsOf)),
    shape,
    request: (count, more = {}) => ({
      workload: asWorkload(0),
      workloadName: 'test',
      shape: shape(1000, 1024),
      count,
      gang: false,
      assigned: new Int32Array(clusters.length),
      returnedBy: -1,
      decision: 0,
      ...more,
    }),
    assign: (cluster, podShape, count) => table.assign(asCluster(cluster), podShape, count, 0),
  };
}

function factsOf(cluster: ClusterBuild, c: number): ClusterFacts {
  return {
    index: asCluster(c),
    name: cluster.name ?? `cluster-${c}`,
    region: cluster.region ?? 'region-a',
    zone: cluster.zone ?? 'zone-a',
    provider: cluster.provider ?? (cluster.isPublic ? 'public' : 'private'),
    isPublic: cluster.isPublic ?? false,
    weight: cluster.weight ?? 1,
    labels: cluster.labels ?? {},
  };
}

function viewOf(table: FleetTable, clusters: readonly ClusterFacts[]): FleetView {
  return {
    clusters,
    free: table.free,
    allocatable: table.allocatable,
    elastic: table.elastic,
    gpuFreeMilli: table.gpuFreeMilli,
    gpuAllocatableMilli: table.gpuAllocatableMilli,
    pending: table.pending,
    isUp: table.isUp,
    changes: table.changes,
    room: (shape, cluster, withElastic) => table.room(shape, cluster, withElastic),
    canHost: (shape, cluster) => table.canHost(shape, cluster),
  };
}
