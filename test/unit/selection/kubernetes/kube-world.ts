/** Clusters as Kubernetes sees them, for tests of the scheduling cycle: cpu in millicores, memory in MiB. */
import type { Taint, Toleration } from '../../../../src/base/constraints.ts';
import { asNode, asPod, type NodeIndex, type PodIndex } from '../../../../src/base/ids.ts';
import type { KubePod } from '../../../../src/base/kube.ts';
import type {
  FrameworkPod,
  FrameworkProfile,
  FrameworkScheduler,
} from '../../../../src/contracts/framework.ts';
import type { SchedulingSetup } from '../../../../src/contracts/scheduling.ts';
import { Cluster } from '../../../../src/model/cluster.ts';
import type { KubeNode } from '../../../../src/model/kube-classes.ts';
import { KubeNodes } from '../../../../src/model/kube-nodes.ts';
import { PodTable, RUNNING } from '../../../../src/model/pods.ts';
import { ResourceTable } from '../../../../src/model/resources.ts';
import { type PodShape, ShapeTable } from '../../../../src/model/shapes.ts';
import { builtinRegistry } from '../../../../src/policies/builtin.ts';
import { kubernetesDefault } from '../../../../src/policies/kubernetes/default.ts';
import { KeyedDraws, keyOf } from '../../../../src/random/draw.ts';
import { KubeCycle } from '../../../../src/selection/kubernetes/cycle.ts';
import { Nominator } from '../../../../src/selection/kubernetes/nominator.ts';
import type { VictimFacts } from '../../../../src/selection/kubernetes/scheduling-cycle.ts';

const MIB = 1024 * 1024;

/** A node; 4000 millicores, 16 Gi and 110 pods by default. */
export interface NodeSketch {
  readonly name?: string;
  readonly cpu?: number;
  readonly memoryMib?: number;
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly images?: Readonly<Record<string, number>>;
}

/** A pod; requests nothing by default. */
export interface PodSketch {
  readonly cpu?: number;
  readonly memoryMib?: number;
  readonly priority?: number;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly kube?: Partial<KubePod>;
}

/** Facts of victims that tests set: start by pod, pods being preempted, budgets. */
export interface TestFacts extends VictimFacts {
  budgets: VictimFacts['budgets'];
  readonly starts: Map<number, number>;
  readonly preempted: Set<number>;
}

/** A cluster, its Kubernetes side, and the few calls that tests need. */
export class KubeWorld {
  readonly cluster: Cluster;
  readonly nodes: KubeNodes;
  readonly nominator = new Nominator();
  readonly stream = new KeyedDraws(1, 0, 'test/kubernetes');
  readonly facts: TestFacts;
  private readonly shapes = new ShapeTable();
  private readonly pods: PodTable;
  private keys = 0;

  constructor(
    sketches: readonly NodeSketch[],
    namespaces: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(),
  ) {
    const names = sketches.map((node, i) => node.name ?? `n${i}`);
    this.pods = new PodTable(64, { timed: false });
    const resources = new ResourceTable(
      new Map([
        ['cpu', 1],
        ['memory', MIB],
        ['pods', 1],
      ]),
      new Map(),
    );
    this.cluster = new Cluster({
      name: 'test',
      resources,
      shapes: this.shapes,
      pools: [{ name: 'pool', machineType: 'machine', zone: '', labels: {}, taints: [] }],
      nodes: sketches.map((node, i) => ({
        allocatable: [node.cpu ?? 4000, node.memoryMib ?? 16384, node.pods ?? 110],
        pool: 0,
        machineType: 0,
        rack: 0,
        key: keyOf(names[i]!),
        gpuCount: 0,
        gpuModel: -1,
        isElastic: false,
      })),
      gpuModels: [],
      workloadNames: ['test'],
      pods: this.pods,
      nodeName: (n) => names[n]!,
    });
    this.nodes = new KubeNodes({
      cluster: this.cluster,
      describe: (n) => describeNode(sketches[n]!),
      namespaces,
    });
    this.facts = {
      budgets: [],
      starts: new Map(),
      preempted: new Set(),
      startSeconds: (p) => this.facts.starts.get(p) ?? Number.POSITIVE_INFINITY,
      isPreempted: (p) => this.facts.preempted.has(p),
    };
  }

  /** The default scheduler with a configuration. */
  scheduler(config: unknown = {}): FrameworkScheduler {
    const registry = builtinRegistry();
    const checked = kubernetesDefault.params!(config);
    if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
    const setup: SchedulingSetup = {
      cluster: this.cluster,
      stream: this.stream,
      shapes: [],
      shapeCounts: new Map(),
      framework: (name, args) => {
        const policy = registry.find('framework', name)!;
        const params = policy.params?.(args) ?? { value: undefined };
        if ('issues' in params) throw new Error(JSON.stringify(params.issues));
        return policy.create(params.value as never, { nodes: this.nodes } as never) as never;
      },
    };
    return kubernetesDefault.create(checked.value as never, setup) as FrameworkScheduler;
  }

  /** A cycle in check mode: it throws where the fast way and the plain one differ. */
  cycle(scheduler: FrameworkScheduler = this.scheduler(), check = true): KubeCycle {
    return new KubeCycle({
      policy: 'kubernetes/default',
      scheduler,
      nodes: this.nodes,
      nominator: this.nominator,
      facts: this.facts,
      stream: this.stream,
      check,
    });
  }

  shape(pod: PodSketch): PodShape {
    const requests = [pod.cpu ?? 0, pod.memoryMib ?? 0, 1];
    return this.shapes.intern({
      requests,
      gpuCount: 0,
      gpuMilliPerDevice: 0,
      gpuModels: [],
      nodeSelector: Object.entries(pod.nodeSelector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
      tolerations: pod.tolerations ?? [],
      priority: pod.priority ?? 0,
      priorityClass: 'default',
      kube: kubePod(pod),
    });
  }

  /** A new pod that waits: it has a slot and a key. */
  pending(pod: PodSketch): FrameworkPod {
    const shape = this.shape(pod);
    const p = this.pods.allocate();
    this.pods.setShape(p, shape.index);
    return { shape, kube: shape.kube!, id: p, key: ++this.keys, attempt: 0 };
  }

  /** Puts a pod that waits on a node. */
  bind(pod: FrameworkPod, n: number): PodIndex {
    const p = asPod(pod.id);
    this.pods.setState(p, RUNNING);
    this.cluster.place(p, asNode(n), 0);
    return p;
  }

  /** Puts new pods on a node. */
  place(pod: PodSketch, n: number, count = 1): PodIndex[] {
    return Array.from({ length: count }, () => this.bind(this.pending(pod), n));
  }

  remove(p: PodIndex): void {
    this.cluster.remove(p);
    this.pods.release(p);
  }

  /** The slot of a waiting pod back. */
  drop(pod: FrameworkPod): void {
    this.nominator.clear(pod.id);
    this.pods.release(asPod(pod.id));
  }

  setState(n: number, state: number): void {
    this.cluster.setNodeState(asNode(n), state);
  }

  setClass(n: number, change: Partial<KubeNode>): void {
    this.nodes.setClass(asNode(n), change);
  }

  /** Names in list order. */
  list(): string[] {
    this.nodes.refresh();
    const names: string[] = [];
    this.nodes.forEachNode((n) => names.push(this.nodes.name(n)));
    return names;
  }

  named(name: string): NodeIndex {
    return this.nodes.find(name) as NodeIndex;
  }
}

function describeNode(node: NodeSketch): KubeNode {
  return {
    labels: node.labels ?? {},
    taints: node.taints ?? [],
    unschedulable: node.unschedulable ?? false,
    images: node.images ?? {},
    volumeLimits: {},
  };
}

/** A pod of one container that names what it requests. */
export function kubePod(pod: PodSketch): KubePod {
  const nonZero = {
    cpuMillicores: pod.cpu ?? 100,
    memoryBytes: (pod.memoryMib ?? 200) * MIB,
  };
  return {
    namespace: 'default',
    labels: {},
    schedulerName: 'default-scheduler',
    nodeName: null,
    nodeAffinity: null,
    podAffinity: null,
    podAntiAffinity: null,
    spread: [],
    defaultSpreadSelector: null,
    hostPorts: [],
    images: [],
    containers: 1,
    volumes: [],
    preemptionPolicy: 'PreemptLowerPriority',
    schedulingGates: [],
    terminationGraceUs: 30_000_000,
    nonZeroPlaced: nonZero,
    nonZeroScored: nonZero,
    ...pod.kube,
  };
}

/** A scheduler of one profile, for plug-ins of a test. */
export function schedulerOf(profile: Partial<FrameworkProfile>): FrameworkScheduler {
  return {
    kind: 'framework',
    profiles: [
      {
        schedulerName: 'default-scheduler',
        percentageOfNodesToScore: 0,
        preEnqueue: [],
        preFilters: [],
        filters: [],
        scores: [],
        preemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
        ...profile,
      },
    ],
    podInitialBackoffUs: 1_000_000,
    podMaxBackoffUs: 10_000_000,
    poolTimeoutUs: 300_000_000,
  };
}
