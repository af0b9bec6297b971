/** Transcribed tests of Kubernetes' scheduler plug-ins: a small cluster is built and the registered plug-in is asked. */
import type { Taint, Toleration } from '../../../src/base/constraints.ts';
import { asNode, asNodeList, asResource } from '../../../src/base/ids.ts';
import type { Requirement, SpreadConstraint } from '../../../src/base/kube.ts';
import type { FrameworkPolicy } from '../../../src/contracts/policy.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { brokenLine } from '../../../src/policies/kubernetes/fit-strategies.ts';
import { NANO_PER_MILLI, NANO_PER_ONE } from '../../../src/scenario/kubernetes/quantity.ts';
import { requestsOf } from '../../../src/scenario/kubernetes/requests.ts';
import { normalise } from '../../../src/selection/kubernetes/normalise.ts';
import {
  buildKubeCluster,
  type KubeCluster,
  type KubeNodeBuild,
  type KubePodBuild,
} from '../../../src/testing/kube.ts';
import { isRecord, skip, type Verdict, verdictOf } from './report.ts';

type Raw = Readonly<Record<string, unknown>>;

/** A case as a question to a plug-in. */
interface Question {
  /** Registered name after `kubernetes/`. */
  readonly plugin: string;
  readonly args?: unknown;
  readonly nodes: readonly (KubeNodeBuild & { readonly name: string })[];
  /** False leaves a node out of the feasible ones. */
  readonly candidates: readonly boolean[];
  readonly placed: readonly { readonly node: string; readonly pod: KubePodBuild }[];
  readonly pod: KubePodBuild;
}

const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];

/** Runs a case of a plug-in; a plug-in or a field that is not known skips it, by name. */
export function kubeCase(raw: Raw): Verdict {
  const plugin = String(raw.plugin);
  const reader = new CaseReader();
  if (plugin === 'brokenLinearFunction') return brokenLineCase(raw, reader);
  const question = questionOf(plugin, raw, reader);
  if (question === null) return skip(`nothing asks plug-in "${plugin}"`);
  if (!isRecord(raw.expectedScores)) return skip('no expectedScores');
  const unknown = reader.unknown;
  if (unknown.length > 0) return skip(`nothing reads ${unknown.join(', ')}`);
  const actual = ask(question);
  const faults = Object.entries(raw.expectedScores)
    .filter(([node, score]) => actual[node] !== score)
    .map(([node, score]) => `${node} is ${actual[node]}, not ${String(score)}`);
  const extra = Object.keys(actual).filter(
    (node) => !Object.hasOwn(raw.expectedScores as Raw, node),
  );
  return verdictOf([...faults, ...extra.map((node) => `${node} is scored`)], [], actual);
}

function questionOf(plugin: string, raw: Raw, reader: CaseReader): Question | null {
  if (STRATEGIES.includes(plugin)) return resourceQuestion(plugin, raw, reader);
  if (plugin === 'BalancedAllocation') return resourceQuestion(plugin, raw, reader);
  if (plugin === 'PodTopologySpread') return spreadQuestion(raw, reader);
  return plugin === 'TaintToleration' ? taintQuestion(raw, reader) : null;
}

/** Remembers fields that nobody reads. */
class CaseReader {
  readonly unknown: string[] = [];

  /** The object, its fields held to a list. */
  of(raw: unknown, where: string, known: readonly string[]): Raw {
    if (!isRecord(raw)) {
      this.unknown.push(where);
      return {};
    }
    for (const field of Object.keys(raw)) {
      if (!known.includes(field)) this.unknown.push(`${where}.${field}`);
    }
    return raw;
  }

  list(raw: unknown, where: string, known: readonly string[]): readonly Raw[] {
    if (raw === undefined) return [];
    if (!Array.isArray(raw)) {
      this.unknown.push(where);
      return [];
    }
    return raw.map((item: unknown) => this.of(item, where, known));
  }
}

function ask({ args, candidates, nodes, placed, plugin, pod }: Question): Record<string, number> {
  const named = [pod, ...placed.map((p) => p.pod)].flatMap(({ requests }) =>
    Object.keys(requests ?? {}),
  );
  const cluster = buildKubeCluster(nodes, { resources: named });
  const policy = builtinRegistry().find('framework', `kubernetes/${plugin}`) as FrameworkPolicy;
  const checked = policy.params?.(args) ?? { value: undefined };
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  const made = policy.create(checked.value, { nodes: cluster.nodes });
  const crowd = new Crowd(cluster);
  for (const { node, pod: other } of placed) {
    crowd.place(
      other,
      nodes.findIndex(({ name }) => name === node),
    );
  }
  const list = nodes.flatMap((_, n) => (candidates[n] ? [n] : []));
  const feasible = { list: asNodeList(Int32Array.from(list)), count: list.length };
  const attempt = cluster.attempt(pod);
  const point = made.score!;
  const pre = point.preScore?.(attempt, feasible, cluster.nodes);
  // A plug-in that skips adds nothing to any node.
  if (pre === null) return Object.fromEntries(list.map((n) => [nodes[n]!.name, 0]));
  const scores = Float64Array.from(list, (n) =>
    crowd.with(n, () => point.score(attempt, asNode(n), cluster.nodes, pre?.state)),
  );
  normalise(point.normalise, scores, feasible, pre?.state);
  return Object.fromEntries(list.map((n, i) => [nodes[n]!.name, scores[i]!]));
}

/** Pods on nodes, more of them than fit if a case says so: those are tried on the node while it is asked. */
class Crowd {
  private readonly cluster: KubeCluster;
  private readonly tooMany: { readonly node: number; readonly pod: KubePodBuild }[] = [];

  constructor(cluster: KubeCluster) {
    this.cluster = cluster;
  }

  place(pod: KubePodBuild, node: number): void {
    const { nodes } = this.cluster;
    const { requests } = this.cluster.shape(pod);
    const fits = requests.every((request, r) => request <= nodes.free(asNode(node), asResource(r)));
    if (fits) this.cluster.place(pod, node);
    else this.tooMany.push({ node, pod });
  }

  with(node: number, score: () => number): number {
    const { nodes } = this.cluster;
    const tried = nodes.tryOn(asNode(node));
    this.tooMany.forEach(({ node: at, pod }, id) => {
      if (at !== node) return;
      const { kube, shape } = this.cluster.attempt(pod);
      tried.add({ id: -1 - id, kube, shape, isTerminating: false, devices: 0 });
    });
    const value = score();
    nodes.endTry();
    return value;
  }
}

const RESOURCE_FIELDS = [
  'plugin',
  'name',
  'resources',
  'shape',
  'pod',
  'nodes',
  'existingPods',
  'expectedScores',
];

function resourceQuestion(plugin: string, raw: Raw, reader: CaseReader): Question {
  reader.of(raw, 'case', RESOURCE_FIELDS);
  const resources = reader.list(raw.resources, 'resources', ['name', 'weight']);
  const shape = reader.list(raw.shape, 'shape', ['utilization', 'score']);
  const nodes = reader.list(raw.nodes, 'nodes', ['name', 'allocatable']);
  const placed = reader.list(raw.existingPods, 'existingPods', ['node', 'containers']);
  const strategy = {
    type: plugin,
    resources,
    ...(shape.length > 0 ? { requestedToCapacityRatio: { shape } } : {}),
  };
  const isBalance = plugin === 'BalancedAllocation';
  return {
    plugin: isBalance ? 'node-resources-balanced-allocation' : 'node-resources-fit',
    args: isBalance ? { resources } : { scoringStrategy: strategy },
    nodes: nodes.map((node) => ({
      name: String(node.name),
      allocatable: node.allocatable as Record<string, number>,
    })),
    candidates: nodes.map(() => true),
    placed: placed.map((pod) => ({ node: String(pod.node), pod: podOf(pod, reader) })),
    pod: podOf(reader.of(raw.pod, 'pod', ['containers']), reader),
  };
}

/** A pod of containers that name resources, cpu in millicores. */
function podOf(raw: Raw, reader: CaseReader): KubePodBuild {
  const containers = Array.isArray(raw.containers) ? raw.containers : [];
  if (!Array.isArray(raw.containers)) reader.unknown.push('containers');
  const { cpuMillicores, memoryBytes, nonZeroPlaced, nonZeroScored, others } = requestsOf({
    containers: containers.map((container: unknown) => ({
      isSidecar: false,
      requests: new Map(
        Object.entries(container as Record<string, number>).map(([name, amount]) => [
          name,
          BigInt(amount) * (name === 'cpu' ? NANO_PER_MILLI : NANO_PER_ONE),
        ]),
      ),
    })),
    initContainers: [],
    podLevel: null,
    overhead: new Map(),
  });
  const requests = { cpu: cpuMillicores, memory: memoryBytes, ...others };
  return { requests, nonZeroPlaced, nonZeroScored, containers: containers.length };
}

const CONSTRAINT_FIELDS = [
  'maxSkew',
  'topologyKey',
  'whenUnsatisfiable',
  'matchLabels',
  'minDomains',
  'nodeAffinityPolicy',
  'nodeTaintsPolicy',
];

function spreadQuestion(raw: Raw, reader: CaseReader): Question {
  const fields = ['plugin', 'name', 'constraints', 'nodes', 'existingPods', 'expectedScores'];
  reader.of(raw, 'case', fields);
  const nodes = reader.list(raw.nodes, 'nodes', ['name', 'labels', 'candidate', 'taints']);
  const placed = reader.list(raw.existingPods, 'existingPods', ['node', 'labels', 'namespace']);
  const constraints = reader.list(raw.constraints, 'constraints', CONSTRAINT_FIELDS);
  return {
    plugin: 'pod-topology-spread',
    nodes: nodes.map((node) => {
      const labels = (node.labels ?? {}) as Record<string, string>;
      return {
        name: String(node.name),
        labels,
        hasHostname: 'kubernetes.io/hostname' in labels,
        taints: taintsOf(node.taints, reader),
      };
    }),
    candidates: nodes.map(({ candidate }) => candidate !== false),
    placed: placed.map((pod) => ({
      node: String(pod.node),
      pod: { namespace: String(pod.namespace ?? 'default'), labels: labelsOf(pod.labels) },
    })),
    pod: { spread: constraints.map((c) => constraintOf(c, reader)) },
  };
}

/** Labels by key and value, or only their keys. */
function labelsOf(raw: unknown): Record<string, string> {
  if (Array.isArray(raw)) return Object.fromEntries(raw.map((key) => [String(key), '']));
  return (raw ?? {}) as Record<string, string>;
}

function constraintOf(raw: Raw, reader: CaseReader): SpreadConstraint {
  const { matchLabels } = raw;
  const selector: Requirement[] = Array.isArray(matchLabels)
    ? matchLabels.map((key) => ({ key: String(key), operator: 'Exists', values: [] }))
    : Object.entries(reader.of(matchLabels, 'matchLabels', Object.keys(matchLabels ?? {}))).map(
        ([key, value]) => ({ key, operator: 'In', values: [String(value)] }),
      );
  return {
    maxSkew: Number(raw.maxSkew),
    topologyKey: String(raw.topologyKey),
    isHard: raw.whenUnsatisfiable === 'DoNotSchedule',
    selector,
    minDomains: typeof raw.minDomains === 'number' ? raw.minDomains : null,
    nodeAffinityPolicy: raw.nodeAffinityPolicy === 'Ignore' ? 'Ignore' : 'Honor',
    nodeTaintsPolicy: raw.nodeTaintsPolicy === 'Honor' ? 'Honor' : 'Ignore',
  };
}

function taintQuestion(raw: Raw, reader: CaseReader): Question {
  reader.of(raw, 'case', ['plugin', 'name', 'tolerations', 'nodes', 'expectedScores']);
  const nodes = reader.list(raw.nodes, 'nodes', ['name', 'taints']);
  const fields = ['key', 'operator', 'value', 'effect', 'tolerationSeconds'];
  return {
    plugin: 'taint-toleration',
    nodes: nodes.map(({ name, taints }) => ({
      name: String(name),
      taints: taintsOf(taints, reader),
    })),
    candidates: nodes.map(() => true),
    placed: [],
    pod: { tolerations: reader.list(raw.tolerations, 'tolerations', fields).map(tolerationOf) },
  };
}

function taintsOf(raw: unknown, reader: CaseReader): readonly Taint[] {
  return reader.list(raw, 'taints', ['key', 'value', 'effect']).map(({ effect, key, value }) => ({
    key: String(key),
    value: String(value ?? ''),
    effect: effect as Taint['effect'],
  }));
}

function tolerationOf({ effect, key, operator, value }: Raw): Toleration {
  return {
    key: String(key ?? ''),
    operator: operator === 'Exists' ? 'Exists' : 'Equal',
    value: String(value ?? ''),
    ...(effect ? { effect: effect as Taint['effect'] } : {}),
  };
}

/** The broken line alone, its scores as written. */
function brokenLineCase(raw: Raw, reader: CaseReader): Verdict {
  reader.of(raw, 'case', ['plugin', 'name', 'shape', 'assertions']);
  const shape = reader.list(raw.shape, 'shape', ['utilization', 'score']).map((point) => ({
    utilization: Number(point.utilization),
    score: Number(point.score),
  }));
  const asked = reader.list(raw.assertions, 'assertions', ['utilization', 'expected']);
  if (reader.unknown.length > 0) return skip(`nothing reads ${reader.unknown.join(', ')}`);
  const actual = asked.map(({ utilization }) => brokenLine(shape, Number(utilization)));
  const faults = asked.flatMap(({ expected, utilization }, i) =>
    actual[i] === expected
      ? []
      : [`f(${String(utilization)}) is ${actual[i]}, not ${String(expected)}`],
  );
  return verdictOf(faults, [], actual);
}
