/**
 * Kubernetes' scheduling cycle on 5,000 nodes with the whole default profile: pods come and go in steady churn. The cycle that
 * keeps answers against the one that asks every node by callbacks, same plug-ins, same process, rounds alternating.
 */
import { asPod, type PodIndex } from '../src/base/ids.ts';
import type { KubePod, PodAffinityTerm, SpreadConstraint } from '../src/base/kube.ts';
import type { FrameworkPod, FrameworkScheduler } from '../src/contracts/framework.ts';
import type { SchedulingSetup } from '../src/contracts/scheduling.ts';
import { Cluster } from '../src/model/cluster.ts';
import { nodeOfPool } from '../src/model/kube-classes.ts';
import { KubeNodes } from '../src/model/kube-nodes.ts';
import { kubeOf } from '../src/model/kube-pods.ts';
import { PodTable, RUNNING } from '../src/model/pods.ts';
import { ResourceTable } from '../src/model/resources.ts';
import { type PodShape, ShapeTable } from '../src/model/shapes.ts';
import { builtinRegistry } from '../src/policies/builtin.ts';
import { kubernetesDefault } from '../src/policies/kubernetes/default.ts';
import { KeyedDraws, keyOf } from '../src/random/draw.ts';
import { FastCycle } from '../src/selection/kubernetes/fast.ts';
import { Nominator } from '../src/selection/kubernetes/nominator.ts';
import {
  type CycleRunner,
  PlainCycle,
  type RunnerParts,
} from '../src/selection/kubernetes/plain.ts';
import { type BenchOptions, type BenchRow, median, row } from './rows.ts';

const NODES = 5000;
const ZONES = ['a', 'b', 'c'];
const MIB = 1024 * 1024;
const SHAPES = 20;
/** Pods a node on average: with these shapes about 60 % of its cpu. */
const PODS_PER_NODE = 16;

const web = { key: 'app', operator: 'In', values: ['web'] } as const;
const ZONE = 'topology.kubernetes.io/zone';
const SPREAD: SpreadConstraint = {
  maxSkew: 1,
  topologyKey: ZONE,
  isHard: true,
  selector: [web],
  minDomains: null,
  nodeAffinityPolicy: 'Honor',
  nodeTaintsPolicy: 'Ignore',
};
const NEAR: PodAffinityTerm = {
  selector: [web],
  topologyKey: ZONE,
  namespaces: [],
  namespaceSelector: null,
};

/** What the pods of a workload ask of each other. */
const KINDS: Readonly<Record<string, Partial<KubePod>>> = {
  basic: {},
  'spread over 3 zones': { labels: { app: 'web' }, spread: [SPREAD] },
  'soft spread over 3 zones': { labels: { app: 'web' }, spread: [{ ...SPREAD, isHard: false }] },
  'zonal affinity': {
    labels: { app: 'web' },
    podAffinity: { required: [], preferred: [{ weight: 10, term: NEAR }] },
  },
};

/** A cluster in churn. */
class Churn {
  readonly nodes: KubeNodes;
  readonly pods = new PodTable(1 << 17, { timed: false });
  private readonly cluster: Cluster;
  private readonly shapes: PodShape[];
  private readonly running: PodIndex[] = [];
  private readonly draws = new KeyedDraws(1, 0, 'bench/kubernetes');
  private readonly pod: { -readonly [K in keyof FrameworkPod]: FrameworkPod[K] };
  private steps = 0;
  private startIndex = 0;

  constructor(name: string, nodes: number, kube: Partial<KubePod>) {
    const table = new ShapeTable();
    this.cluster = new Cluster({
      name,
      resources: RESOURCES,
      shapes: table,
      pools: ZONES.map((zone) => ({
        name: `pool-${zone}`,
        machineType: 'm-32c-128g',
        zone,
        labels: {},
        taints: [],
      })),
      nodes: Array.from({ length: nodes }, (_, i) => ({
        allocatable: [32000, 131072, 110],
        pool: i % ZONES.length,
        machineType: 0,
        rack: 0,
        key: keyOf(`${name}/${i}`),
        gpuCount: 0,
        gpuModel: -1,
        isElastic: false,
      })),
      gpuModels: [],
      workloadNames: ['bench'],
      pods: this.pods,
      nodeName: (n) => `node-${n}`,
    });
    const described = this.cluster.pools.map((pool) => nodeOfPool(pool, 'region'));
    this.nodes = new KubeNodes({
      cluster: this.cluster,
      describe: (n) => described[this.cluster.nodes.pool[n]!]!,
      namespaces: new Map(),
    });
    this.shapes = Array.from({ length: SHAPES }, (_, i) => shapeOf(table, i, kube));
    this.pod = { shape: this.shapes[0]!, kube: this.shapes[0]!.kube!, id: 0, key: 0, attempt: 0 };
  }

  parts(): RunnerParts {
    const ties = new KeyedDraws(1, 0, 'bench/ties');
    return {
      policy: 'kubernetes/default',
      profile: this.scheduler().profiles[0]!,
      nodes: this.nodes,
      nominator: new Nominator(),
      drawTie: (pod) => ties.uniform(pod.key, 0),
    };
  }

  private scheduler(): FrameworkScheduler {
    const registry = builtinRegistry();
    const checked = kubernetesDefault.params!({}) as { value: never };
    return kubernetesDefault.create(checked.value, {
      framework: (name: string, args: unknown) => {
        const policy = registry.find('framework', name)!;
        const params = (policy.params?.(args) ?? { value: undefined }) as { value: never };
        return policy.create(params.value, { nodes: this.nodes } as never);
      },
    } as unknown as SchedulingSetup as never) as FrameworkScheduler;
  }

  /** Decides and places pods; with `isSteady` one random pod ends before each. */
  step(runner: CycleRunner, many: number, isSteady: boolean): void {
    const { draws, pod, pods, running } = this;
    for (let i = 0; i < many; i++) {
      const step = ++this.steps;
      if (isSteady) {
        const k = Math.floor(draws.uniform(step, 0) * running.length);
        const gone = running[k]!;
        running[k] = running[running.length - 1]!;
        running.pop();
        this.cluster.remove(gone);
        pods.release(gone);
      }
      const p = pods.allocate();
      pod.shape = this.shapes[Math.floor(draws.uniform(step, 1) * SHAPES)]!;
      pod.kube = pod.shape.kube!;
      pod.id = p;
      pod.key = step;
      pods.setShape(p, pod.shape.index);
      pods.setState(p, RUNNING);
      const outcome = runner.decide(pod, this.startIndex);
      this.startIndex = outcome.startIndex;
      if (outcome.node === -1) throw new Error('the cluster is full');
      this.cluster.place(asPod(p), outcome.node, 0);
      running.push(asPod(p));
    }
  }
}

const RESOURCES = new ResourceTable(
  new Map([
    ['cpu', 1],
    ['memory', MIB],
    ['pods', 1],
  ]),
  new Map(),
);

function shapeOf(table: ShapeTable, i: number, kube: Partial<KubePod>): PodShape {
  const spec = {
    requests: [250 + 125 * (i % 10), 512 * (1 + (i % 7)), 1],
    gpuCount: 0,
    gpuMilliPerDevice: 0,
    gpuModels: [],
    nodeSelector: [],
    tolerations: [],
    priority: i,
    priorityClass: 'default',
  };
  const plain = table.intern(spec);
  return table.intern({ ...spec, kube: { ...kubeOf(plain, RESOURCES), ...kube } });
}

/** Decisions a second of cpu time. */
function rateOf(work: () => void, decisions: number): number {
  const start = process.cpuUsage();
  work();
  const { system, user } = process.cpuUsage(start);
  return (decisions * 1e6) / (system + user);
}

/** Measures each kind of pod, then what 200 clusters take. */
export async function benchKubernetes(options: BenchOptions): Promise<BenchRow[]> {
  const nodes = options.nodes ?? (options.isSmoke ? 300 : NODES);
  const rows = Object.entries(KINDS).flatMap(([name, kube]) => measure(name, kube, nodes, options));
  return [...rows, memoryOf(nodes, options.isSmoke ? 5 : 200)];
}

function measure(
  name: string,
  kube: Partial<KubePod>,
  nodes: number,
  options: BenchOptions,
): BenchRow[] {
  const churn = new Churn(name, nodes, kube);
  const parts = churn.parts();
  const fast = new FastCycle(parts);
  const plain = new PlainCycle(churn.parts());
  const many = options.isSmoke ? 200 : 50_000;
  const few = options.isSmoke ? 20 : 300;
  churn.step(fast, nodes * PODS_PER_NODE, false);
  churn.step(fast, many, true);
  churn.step(plain, few, true);
  const rates: { fast: number[]; plain: number[] } = { fast: [], plain: [] };
  for (let round = 0; round < (options.isSmoke ? 1 : 5); round++) {
    rates.fast.push(rateOf(() => churn.step(fast, many, true), many));
    rates.plain.push(rateOf(() => churn.step(plain, few, true), few));
  }
  const rate = median(rates.fast);
  return [
    row(`${name}, kept answers`, {
      nodes,
      policy: 'kubernetes/default',
      podsPerSecond: rate,
      nsPerPod: 1e9 / rate,
      reference: 'every node asked',
      ratio: median(rates.fast.map((r, i) => r / rates.plain[i]!)),
    }),
    row(`${name}, every node asked`, {
      nodes,
      policy: 'kubernetes/default',
      podsPerSecond: median(rates.plain),
      nsPerPod: 1e9 / median(rates.plain),
    }),
  ];
}

/** Bytes a node of many clusters, each with its boards for all shapes, half full. */
function memoryOf(nodes: number, clusters: number): BenchRow {
  const before = process.memoryUsage();
  const kept: unknown[] = [];
  for (let c = 0; c < clusters; c++) {
    const churn = new Churn(`cluster-${c}`, nodes, {});
    const runner = new FastCycle(churn.parts());
    churn.step(runner, 2000, false);
    kept.push(churn, runner);
  }
  const after = process.memoryUsage();
  const bytes = after.rss - before.rss;
  return row(`${kept.length / 2} clusters with boards for ${SHAPES} shapes`, {
    nodes: nodes * clusters,
    policy: 'kubernetes/default',
    bytesPerNode: bytes / (nodes * clusters),
  });
}
