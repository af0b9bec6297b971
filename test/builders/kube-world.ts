/** A Kubernetes cluster of the real model beside plain records of the same, which naive twins read. */
import { asNode, asNodeList } from '../../src/base/ids.ts';
import type { KubePod } from '../../src/base/kube.ts';
import type {
  FeasibleNodes,
  FrameworkNodes,
  FrameworkPlugin,
  FrameworkPod,
  NodeStatus,
} from '../../src/contracts/framework.ts';
import type { FrameworkPolicy } from '../../src/contracts/policy.ts';
import type { KubeNode } from '../../src/model/kube-classes.ts';
import { builtinRegistry } from '../../src/policies/builtin.ts';
import { normalise } from '../../src/selection/kubernetes/normalise.ts';
import {
  buildKubeCluster,
  type KubeCluster,
  type KubeClusterOptions,
  type KubeNodeBuild,
  type KubePodBuild,
} from '../../src/testing/kube.ts';

/** A node as it is now. */
export interface PlainNode extends Omit<KubeNode, 'lacksHostname'> {
  readonly index: number;
  readonly name: string;
  /** Without the hostname. */
  readonly labels: Readonly<Record<string, string>>;
  /** With the hostname, if it has one. */
  readonly allLabels: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, number>>;
  readonly isListed: boolean;
}

/** A pod on a node. */
export interface PlainPod {
  readonly id: number;
  readonly node: number;
  readonly build: KubePodBuild;
  readonly kube: KubePod;
  isTerminating: boolean;
}

/** What a plug-in said of a pod. */
export interface Answer {
  /** `skip`, `run` or the reason of a rejection. */
  readonly preFilter: string;
  readonly names: readonly string[] | undefined;
  /** By listed node in index order; empty if it did not run. */
  readonly statuses: readonly NodeStatus[];
  readonly reasons: readonly (readonly string[])[];
}

/** Scores over feasible nodes, by node in index order; null if skipped. */
export interface Scores {
  readonly raw: readonly number[];
  readonly normalised: readonly number[];
}

/** Makes a plug-in of the registered entry, its arguments checked. */
export function makePlugin(name: string, nodes: FrameworkNodes, args?: unknown): FrameworkPlugin {
  const policy = builtinRegistry().find('framework', `kubernetes/${name}`) as FrameworkPolicy;
  if (policy.params === undefined) return policy.create(undefined, { nodes });
  const checked = policy.params(args);
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  return policy.create(checked.value, { nodes });
}

/** The cluster and its records. */
export class KubeWorld {
  readonly cluster: KubeCluster;
  readonly plainNodes: PlainNode[];
  readonly pods: PlainPod[] = [];
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;

  constructor(builds: readonly KubeNodeBuild[], options: KubeClusterOptions = {}) {
    this.cluster = buildKubeCluster(builds, options);
    this.namespaces = options.namespaces ?? {};
    this.plainNodes = builds.map((build, index) => {
      const name = build.name ?? `node-${index}`;
      const { 'kubernetes.io/hostname': given, ...labels } = build.labels ?? {};
      const hostname = { 'kubernetes.io/hostname': given ?? name };
      return {
        index,
        name,
        labels,
        allLabels: build.hasHostname === false ? labels : { ...labels, ...hostname },
        taints: build.taints ?? [],
        unschedulable: build.unschedulable ?? false,
        images: build.images ?? {},
        volumeLimits: build.volumeLimits ?? {},
        allocatable: { pods: 110, ...build.allocatable },
        isListed: true,
      };
    });
  }

  get nodes(): FrameworkNodes {
    return this.cluster.nodes;
  }

  get listed(): readonly PlainNode[] {
    return this.plainNodes.filter((node) => node.isListed);
  }

  podsOn(node: PlainNode): readonly PlainPod[] {
    return this.pods.filter((pod) => pod.node === node.index);
  }

  kubeOf(build: KubePodBuild): KubePod {
    return this.cluster.nodes.kubeOf(this.cluster.shape(build));
  }

  place(build: KubePodBuild, node: number): number {
    const id = this.cluster.place(build, node);
    this.pods.push({ id, node, build, kube: this.kubeOf(build), isTerminating: false });
    return id;
  }

  remove(id: number): void {
    this.cluster.remove(id);
    this.pods.splice(
      this.pods.findIndex((pod) => pod.id === id),
      1,
    );
  }

  terminate(id: number): void {
    this.cluster.terminate(id);
    this.pods.find((pod) => pod.id === id)!.isTerminating = true;
  }

  change(
    index: number,
    change: { labels?: KubeNode['labels']; taints?: KubeNode['taints'] },
  ): void {
    this.cluster.change(index, change);
    const before = this.plainNodes[index]!;
    const labels = change.labels ?? before.labels;
    const hostname = before.allLabels['kubernetes.io/hostname'];
    const allLabels =
      hostname === undefined ? labels : { ...labels, 'kubernetes.io/hostname': hostname };
    this.plainNodes[index] = { ...before, ...change, labels, allLabels };
  }

  list(index: number, isListed: boolean): void {
    this.cluster.list(index, isListed);
    this.plainNodes[index] = { ...this.plainNodes[index]!, isListed };
  }

  attempt(build: KubePodBuild): FrameworkPod {
    return this.cluster.attempt(build);
  }

  /** PreFilter, then Filter on every listed node. */
  filter(plugin: FrameworkPlugin, build: KubePodBuild, nodes: FrameworkNodes = this.nodes): Answer {
    const pod = this.attempt(build);
    const point = plugin.filter!;
    const pre = point.preFilter?.(pod, nodes) ?? { kind: 'run', state: undefined };
    if (pre.kind !== 'run') {
      const said = pre.kind === 'skip' ? 'skip' : pre.reason;
      return { preFilter: said, names: undefined, statuses: [], reasons: [] };
    }
    const statuses = this.listed.map(({ index }) =>
      point.test(pod, asNode(index), nodes, pre.state),
    );
    const reasons = this.listed.map(({ index }, i) =>
      statuses[i] === 0 ? [] : point.reasons(pod, asNode(index), nodes, pre.state),
    );
    return { preFilter: 'run', names: pre.nodes, statuses, reasons };
  }

  /** PreScore, Score and Normalise over listed nodes. @param feasible by index of node; default all listed */
  score(plugin: FrameworkPlugin, build: KubePodBuild, feasible?: readonly number[]): Scores | null {
    const pod = this.attempt(build);
    const point = plugin.score!;
    const list = feasible ?? this.listed.map(({ index }) => index);
    const over: FeasibleNodes = { list: asNodeList(Int32Array.from(list)), count: list.length };
    const pre = point.preScore ? point.preScore(pod, over, this.nodes) : { state: undefined };
    if (pre === null) return null;
    const raw = list.map((n) => point.score(pod, asNode(n), this.nodes, pre.state));
    const scores = Float64Array.from(raw);
    normalise(point.normalise, scores, over, pre.state);
    return { raw, normalised: [...scores] };
  }
}
