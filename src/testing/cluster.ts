import type { Taint, Toleration } from '../base/constraints.ts';
import type { NodeIndex, PodIndex } from '../base/ids.ts';
import { asNode, MEMORY } from '../base/ids.ts';
import type { FrameworkPlugin } from '../contracts/framework.ts';
import type { FrameworkPolicy, PolicyStream } from '../contracts/policy.ts';
import type { PodAttempt, SchedulingSetup } from '../contracts/scheduling.ts';
import { Cluster } from '../model/cluster.ts';
import { type KubeNode, nodeOfPool } from '../model/kube-classes.ts';
import { KubeNodes } from '../model/kube-nodes.ts';
import type { NodeSpec } from '../model/nodes.ts';
import { PodTable, RUNNING } from '../model/pods.ts';
import { ResourceTable } from '../model/resources.ts';
import { type PodShape, ShapeTable } from '../model/shapes.ts';
import type { ClusterView } from '../model/view.ts';
import { KeyedDraws, keyOf } from '../random/draw.ts';

/** One pool of equal nodes. */
export interface NodeBuild {
  /** Default 1. */
  readonly count?: number;
  readonly cpuMillicores: number;
  readonly memoryMib: number;
  /** Pods that fit; default 110. */
  readonly pods?: number;
  /** Devices; default 0. */
  readonly gpus?: number;
  /** Default `T4` where there are devices. */
  readonly gpuModel?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Counts of extended resources by name. */
  readonly extended?: Readonly<Record<string, number>>;
}

/** What a pod asks for; nothing by default. */
export interface PodBuild {
  readonly cpuMillicores?: number;
  readonly memoryMib?: number;
  /** Devices; default 0. */
  readonly gpus?: number;
  /** Thousandths of each device; default 1000. */
  readonly gpuMilli?: number;
  readonly gpuModels?: readonly string[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly priority?: number;
  readonly extended?: Readonly<Record<string, number>>;
}

/** A real cluster of the simulator with the few calls that tests of policies need. Memory is counted in MiB. */
export interface TestCluster {
  readonly view: ClusterView;
  /** Interns a shape: equal pods give the same one. */
  shape(pod: PodBuild): PodShape;
  /** An attempt of a pod of that shape. @param key its stable key, default 1 */
  attempt(pod: PodBuild, key?: number): PodAttempt;
  /**
   * Puts a pod on a node.
   *
   * @param devices bit mask of its devices; default: the lowest-numbered that fit
   * @throws InvariantError if it does not fit
   */
  place(pod: PodBuild, node: number, devices?: number): PodIndex;
  /** Takes a pod off its node. */
  remove(pod: PodIndex): void;
  /** Moves a node to a state of `NODE_STATES`. */
  setState(node: number, state: number): void;
  /**
   * What a policy is created with; draws are keyed by the cluster's name and seed 1.
   *
   * @param plugins plug-ins of the framework that it may ask for
   */
  setup(pods?: readonly PodBuild[], plugins?: readonly FrameworkPolicy[]): SchedulingSetup;
}

/**
 * Builds a cluster of the real model, one pool an entry, nodes numbered in the order of the entries.
 *
 * @param nodes its pools
 * @param name its name, default `test`
 */
export function buildCluster(nodes: readonly NodeBuild[], name = 'test'): TestCluster {
  const resources = resourcesOf(nodes);
  const gpuModels = [...new Set(nodes.flatMap((n) => (n.gpus ? [n.gpuModel ?? 'T4'] : [])))].sort();
  const shapes = new ShapeTable();
  const pods = new PodTable(64, { timed: false });
  const cluster = new Cluster({
    name,
    resources,
    shapes,
    pools: nodes.map((node, i) => ({
      name: `pool-${i}`,
      machineType: `machine-${i}`,
      zone: 'zone-a',
      labels: node.labels ?? {},
      taints: node.taints ?? [],
    })),
    nodes: nodes.flatMap((node, pool) =>
      Array.from({ length: node.count ?? 1 }, (_, i) =>
        specOf(node, pool, i, { name, gpuModels, resources }),
      ),
    ),
    gpuModels,
    workloadNames: ['test'],
    pods,
    nodeName: (n) => `node-${n}`,
  });
  const shape = (pod: PodBuild) => shapes.intern(shapeOf(pod, resources));
  return {
    view: cluster,
    shape,
    attempt: (pod, key = 1) => ({ shape: shape(pod), key, attempt: 0 }),
    place: (pod, node, devices) => {
      const p = pods.allocate();
      pods.setShape(p, shape(pod).index);
      pods.setState(p, RUNNING);
      const n = asNode(node);
      cluster.place(p, n, devices ?? lowestDevices(shape(pod), n, cluster));
      return p;
    },
    remove: (p) => {
      cluster.remove(p);
      pods.release(p);
    },
    setState: (node, state) => cluster.setNodeState(asNode(node), state),
    setup: (known = [], plugins = []) => ({
      cluster,
      stream: testStream(name),
      shapes: known.map(shape),
      shapeCounts: new Map(),
      framework: (plugin, args) => makePlugin(plugin, args, { cluster, plugins }),
    }),
  };
}

/** Makes a plug-in over the cluster as Kubernetes sees it. @throws Error for an unknown name or wrong arguments */
function makePlugin(
  name: string,
  args: unknown,
  { cluster, plugins }: { readonly cluster: Cluster; readonly plugins: readonly FrameworkPolicy[] },
): FrameworkPlugin {
  const policy = plugins.find((plugin) => plugin.name === name);
  if (policy === undefined) throw new Error(`no framework plug-in ${name} in a test cluster`);
  const checked = policy.params?.(args) ?? { value: undefined };
  if ('issues' in checked) throw new Error(`${name}: ${JSON.stringify(checked.issues)}`);
  const describe = (n: NodeIndex): KubeNode =>
    nodeOfPool(cluster.pools[cluster.nodes.pool[n]!]!, '');
  const nodes = new KubeNodes({ cluster, describe, namespaces: new Map() });
  return policy.create(checked.value, { nodes });
}

/** Draws for tests: seed 1, replication 0, the given purpose. */
export function testStream(purpose: string): PolicyStream {
  return new KeyedDraws(1, 0, purpose);
}

/** The lowest-numbered devices of a node that fit a shape; 0 for a shape without. */
export function lowestDevices(shape: PodShape, n: NodeIndex, cluster: ClusterView): number {
  const { nodes } = cluster;
  const base = nodes.gpuOffset[n]!;
  let mask = 0;
  let missing = shape.gpuCount;
  for (let i = 0; i < nodes.gpuCount[n]! && missing > 0; i++) {
    if (nodes.deviceFreeMilli[base + i]! < shape.gpuMilliPerDevice) continue;
    mask |= 1 << i;
    missing--;
  }
  return mask;
}

function resourcesOf(nodes: readonly NodeBuild[]): ResourceTable {
  const extended = nodes.flatMap((node) => Object.keys(node.extended ?? {}));
  const names = ['cpu', 'memory', 'pods', ...extended];
  const mib = 1024 * 1024;
  const grains = new Map(names.map((name) => [name, name === 'memory' ? mib : 1]));
  const memoryMax = Math.max(0, ...nodes.map((node) => node.memoryMib));
  return new ResourceTable(grains, new Map([['memory', memoryMax * mib]]));
}

function specOf(
  node: NodeBuild,
  pool: number,
  ordinal: number,
  run: {
    readonly name: string;
    readonly gpuModels: readonly string[];
    readonly resources: ResourceTable;
  },
): NodeSpec {
  const gpus = node.gpus ?? 0;
  return {
    allocatable: run.resources.all.map((r) => {
      if (r.name === 'cpu') return node.cpuMillicores;
      if (r.index === MEMORY) return node.memoryMib;
      return r.name === 'pods' ? (node.pods ?? 110) : (node.extended?.[r.name] ?? 0);
    }),
    pool,
    machineType: pool,
    rack: 0,
    key: keyOf(`${run.name}/pool-${pool}/${ordinal}`),
    gpuCount: gpus,
    gpuModel: gpus > 0 ? run.gpuModels.indexOf(node.gpuModel ?? 'T4') : -1,
    isElastic: false,
  };
}

function shapeOf(pod: PodBuild, resources: ResourceTable): Omit<PodShape, 'index'> {
  const gpuCount = pod.gpus ?? 0;
  const selector = Object.entries(pod.nodeSelector ?? {});
  return {
    requests: resources.all.map((r) => {
      if (r.name === 'cpu') return pod.cpuMillicores ?? 0;
      if (r.name === 'memory') return pod.memoryMib ?? 0;
      return r.name === 'pods' ? 1 : (pod.extended?.[r.name] ?? 0);
    }),
    gpuCount,
    gpuMilliPerDevice: gpuCount > 0 ? (pod.gpuMilli ?? 1000) : 0,
    gpuModels: [...(pod.gpuModels ?? [])].sort(),
    nodeSelector: selector.sort(([a], [b]) => (a < b ? -1 : 1)),
    tolerations: pod.tolerations ?? [],
    priority: pod.priority ?? 0,
    priorityClass: 'default',
  };
}
