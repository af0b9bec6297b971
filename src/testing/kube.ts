/** Small Kubernetes clusters of the real model, for tests of plug-ins. */
import type { Toleration } from '../base/constraints.ts';
import { asNode, asPod, asShape } from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';
import type { FrameworkPod } from '../contracts/framework.ts';
import { Cluster } from '../model/cluster.ts';
import type { KubeNode } from '../model/kube-classes.ts';
import { KubeNodes } from '../model/kube-nodes.ts';
import { kubeOf } from '../model/kube-pods.ts';
import { PodTable, RUNNING } from '../model/pods.ts';
import { ResourceTable } from '../model/resources.ts';
import { type PodShape, ShapeTable } from '../model/shapes.ts';
import { OFF, UP } from '../model/view.ts';
import { keyOf } from '../random/draw.ts';
import { lowestDevices } from './cluster.ts';

/** A node; what is left out is empty. */
export interface KubeNodeBuild extends Partial<Omit<KubeNode, 'lacksHostname'>> {
  /** Default `node-0`, `node-1`, ... */
  readonly name?: string;
  /** Base units by resource: millicores, bytes, counts; `pods` is 110 unless given. */
  readonly allocatable?: Readonly<Record<string, number>>;
  /** Devices; default 0. */
  readonly gpus?: number;
  /** Default `T4` where there are devices. */
  readonly gpuModel?: string;
  /** False for a node without `kubernetes.io/hostname`; default true. */
  readonly hasHostname?: boolean;
}

/** A pod; what is left out is empty or Kubernetes' default. */
export interface KubePodBuild extends Partial<KubePod> {
  /** Base units by resource. */
  readonly requests?: Readonly<Record<string, number>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly priority?: number;
  /** Whole devices; default 0. */
  readonly gpus?: number;
}

/** A cluster that a test can change. Quantities are counted in base units. */
export interface KubeCluster {
  readonly nodes: KubeNodes;
  /** Interns a shape: equal pods give the same one. */
  shape(pod: KubePodBuild): PodShape;
  /** A pod that is being scheduled. @param id default 1,000,000: no pod on a node has it */
  attempt(pod: KubePodBuild, id?: number): FrameworkPod;
  /** Puts a pod on a node. @returns its id. @throws InvariantError if it does not fit */
  place(pod: KubePodBuild, node: number): number;
  remove(id: number): void;
  /** Gives a pod on a node its deletion timestamp. */
  terminate(id: number): void;
  /** Changes what a node says of itself. */
  change(node: number, change: Partial<KubeNode>): void;
  /** Lists a node, or takes it off the list. */
  list(node: number, isListed: boolean): void;
}

/** What a cluster has besides nodes. */
export interface KubeClusterOptions {
  /** Resources that only pods name; those of nodes are known. */
  readonly resources?: readonly string[];
  /** Labels by namespace. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Builds a cluster, nodes numbered in the order given. */
export function buildKubeCluster(
  builds: readonly KubeNodeBuild[],
  options: KubeClusterOptions = {},
): KubeCluster {
  const resources = resourcesOf(builds, options.resources ?? []);
  const shapes = new ShapeTable();
  const pods = new PodTable(64, { timed: false });
  const gpuModels = [
    ...new Set(builds.flatMap((b) => (b.gpus ? [b.gpuModel ?? 'T4'] : []))),
  ].sort();
  const cluster = new Cluster({
    name: 'test',
    resources,
    shapes,
    pools: [{ name: 'pool', machineType: 'machine', zone: '', labels: {}, taints: [] }],
    nodes: builds.map((build, i) => ({
      allocatable: resources.all.map(({ name }) =>
        name === 'pods' ? (build.allocatable?.pods ?? 110) : (build.allocatable?.[name] ?? 0),
      ),
      pool: 0,
      machineType: 0,
      rack: 0,
      key: keyOf(`test/${i}`),
      gpuCount: build.gpus ?? 0,
      gpuModel: build.gpus ? gpuModels.indexOf(build.gpuModel ?? 'T4') : -1,
      isElastic: false,
    })),
    gpuModels,
    workloadNames: ['test'],
    pods,
    nodeName: (n) => builds[n]!.name ?? `node-${n}`,
  });
  const nodes = new KubeNodes({
    cluster,
    describe: (n) => describe(builds[n]!),
    namespaces: new Map(Object.entries(options.namespaces ?? {})),
  });
  const shape = (pod: KubePodBuild): PodShape => shapes.intern(shapeOf(pod, resources));
  return {
    nodes,
    shape,
    attempt: (pod, id = 1_000_000) => {
      const interned = shape(pod);
      return { shape: interned, kube: nodes.kubeOf(interned), id, key: id, attempt: 0 };
    },
    place: (pod, node) => {
      const p = pods.allocate();
      pods.setShape(p, shape(pod).index);
      pods.setState(p, RUNNING);
      cluster.place(p, asNode(node), lowestDevices(shape(pod), asNode(node), cluster));
      return p;
    },
    remove: (id) => {
      cluster.remove(asPod(id));
      pods.release(asPod(id));
    },
    terminate: (id) => nodes.terminate(asPod(id)),
    change: (node, change) => {
      nodes.setClass(asNode(node), change);
    },
    list: (node, isListed) => {
      cluster.setNodeState(asNode(node), isListed ? UP : OFF);
      nodes.refresh();
    },
  };
}

function describe(build: KubeNodeBuild): KubeNode {
  return {
    labels: build.labels ?? {},
    taints: build.taints ?? [],
    unschedulable: build.unschedulable ?? false,
    images: build.images ?? {},
    volumeLimits: build.volumeLimits ?? {},
    lacksHostname: build.hasHostname === false,
  };
}

function resourcesOf(builds: readonly KubeNodeBuild[], more: readonly string[]): ResourceTable {
  const given = builds.flatMap(({ allocatable }) => Object.entries(allocatable ?? {}));
  const grains = new Map(['cpu', 'memory', 'pods', ...more].map((name) => [name, 1]));
  const largest = new Map<string, number>();
  for (const [name, quantity] of given) {
    grains.set(name, 1);
    largest.set(name, Math.max(quantity, largest.get(name) ?? 0));
  }
  return new ResourceTable(grains, largest);
}

function shapeOf(pod: KubePodBuild, resources: ResourceTable): Omit<PodShape, 'index'> {
  const {
    gpus = 0,
    nodeSelector = {},
    priority = 0,
    requests = {},
    tolerations = [],
    ...kube
  } = pod;
  const plain = {
    requests: resources.all.map(({ name }) => (name === 'pods' ? 1 : (requests[name] ?? 0))),
    gpuCount: gpus,
    gpuMilliPerDevice: gpus > 0 ? 1000 : 0,
    gpuModels: [],
    nodeSelector: Object.entries(nodeSelector).sort(([a], [b]) => (a < b ? -1 : 1)),
    tolerations,
    priority,
    priorityClass: 'default',
  };
  if (Object.keys(kube).length === 0) return plain;
  return { ...plain, kube: { ...kubeOf({ ...plain, index: asShape(0) }, resources), ...kube } };
}
