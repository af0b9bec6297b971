import { asNode, asNodeList, type NodeIndex } from '../base/ids.ts';
import {
  ADD,
  type Dependence,
  type DependenceOf,
  type FeasibleNodes,
  type FrameworkPlugin,
  type FrameworkPod,
  PASS,
  UNRESOLVABLE,
  UNSCHEDULABLE,
  UPDATE_OTHER,
} from '../contracts/framework.ts';
import type { FrameworkPolicy } from '../contracts/policy.ts';
import { normalise, SCORE_MAX } from '../selection/kubernetes/normalise.ts';
import { type ContractCase, type ContractOptions, expect, withSkips } from './case.ts';
import { buildKubeCluster, type KubeCluster, type KubePodBuild } from './kube.ts';
import { commonCases, paramsFor } from './policy-cases.ts';

const ZONE = 'topology.kubernetes.io/zone';
const RESOURCES = [
  'Pod',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
];
const DEPENDENCES = ['class', 'own-node', 'cluster-class', 'cluster'];

const onWeb = [{ key: 'app', operator: 'In' as const, values: ['web'] }];
const nearWeb = {
  selector: onWeb,
  topologyKey: ZONE,
  namespaces: [],
  namespaceSelector: null,
};

/** Pods that every plug-in is asked about. */
const PODS: readonly KubePodBuild[] = [
  {},
  { requests: { cpu: 1500, memory: 3_000_000 }, labels: { app: 'web' } },
  { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'k', operator: 'Exists', value: '' }] },
  { hostPorts: [{ ip: '0.0.0.0', protocol: 'TCP', port: 80 }], images: ['a:1'] },
  {
    labels: { app: 'web' },
    spread: [true, false].map((isHard) => ({
      maxSkew: 1,
      topologyKey: ZONE,
      isHard,
      selector: onWeb,
      minDomains: null,
      nodeAffinityPolicy: 'Honor' as const,
      nodeTaintsPolicy: 'Ignore' as const,
    })),
  },
  {
    podAffinity: { required: [nearWeb], preferred: [{ weight: 5, term: nearWeb }] },
    podAntiAffinity: { required: [], preferred: [{ weight: 3, term: nearWeb }] },
  },
  { schedulingGates: ['wait'], volumes: [{ kind: 'claim', claim: 'data' }], nodeName: 'node-1' },
];

/** A small mixed cluster with pods on it, always the same; nodes 0 and 1 are of one class. */
function buildMixed(): KubeCluster {
  const allocatable = { cpu: 4000, memory: 8_000_000 };
  const cluster = buildKubeCluster([
    { allocatable, labels: { [ZONE]: 'a', disk: 'ssd' } },
    { allocatable, labels: { [ZONE]: 'a', disk: 'ssd' } },
    { allocatable, labels: { [ZONE]: 'b' }, images: { 'a:1': 500_000_000 } },
    { allocatable: { cpu: 1000, memory: 1_000_000 }, labels: { [ZONE]: 'c' } },
    { allocatable, taints: [{ key: 'k', value: '', effect: 'NoSchedule' }] },
    { allocatable, taints: [{ key: 'l', value: '', effect: 'PreferNoSchedule' }] },
    { allocatable, unschedulable: true },
  ]);
  PODS.slice(0, 6).forEach((pod, i) => {
    cluster.place(pod, i === 1 ? 0 : (i * 2) % 6);
  });
  cluster.place(PODS[1]!, 2);
  return cluster;
}

/** Asks a question about one pod. */
type Question = (at: {
  readonly cluster: KubeCluster;
  readonly plugin: FrameworkPlugin;
  readonly pod: FrameworkPod;
  readonly make: (cluster: KubeCluster) => FrameworkPlugin;
}) => void;

/**
 * Lists what the contract of plug-ins of Kubernetes' framework asks: run every case in your test framework.
 *
 * @param policy made by `defineFramework`
 */
export function checkFramework(
  policy: FrameworkPolicy,
  options: ContractOptions = {},
): readonly ContractCase[] {
  const make = (cluster: KubeCluster): FrameworkPlugin =>
    policy.create(paramsFor(policy, options), { nodes: cluster.nodes });
  const each = (ask: Question) => () => {
    const cluster = buildMixed();
    const plugin = make(cluster);
    for (const pod of PODS) ask({ cluster, plugin, pod: cluster.attempt(pod), make });
  };
  const cases: ContractCase[] = [
    ...commonCases(policy, options),
    {
      name: 'has a name and registers events that exist',
      run: () => checkHints(make(buildMixed())),
    },
    { name: 'lets a pod into the queue or says why not', run: each(checkPreEnqueue) },
    {
      name: 'filters with a known status, and gives reasons for a refusal',
      run: each(checkFilter),
    },
    { name: 'scores integers, 0 to 100 after normalisation', run: each(checkScore) },
    { name: 'gives the same answers again, and from another instance', run: each(checkPurity) },
    { name: 'changes nothing of the cluster', run: each(checkHarmless) },
    { name: 'keeps a copied state apart from the original', run: each(checkClone) },
    { name: 'reads no more than it declares in dependsOn', run: each(checkDependence) },
  ];
  return withSkips(cases, options.skip);
}

function checkHints({ hints, name }: FrameworkPlugin): void {
  expect(typeof name === 'string' && name !== '', `name is "${name}"`);
  expect(Array.isArray(hints), 'hints is no list');
  for (const { actions, resource } of hints) {
    expect(RESOURCES.includes(resource), `a hint is about "${resource}"`);
    const isKnown = Number.isInteger(actions) && actions >= ADD && actions < 2 * UPDATE_OTHER;
    expect(isKnown, `actions of a hint are ${actions}`);
  }
}

const checkPreEnqueue: Question = ({ plugin, pod }) => {
  const said = plugin.preEnqueue?.(pod) ?? null;
  expect(said === null || (typeof said === 'string' && said !== ''), `preEnqueue says ${said}`);
};

/** Statuses of all nodes as text; `skip` or the reason of a rejection where the filter does not run. */
function filterAll({ nodes }: KubeCluster, plugin: FrameworkPlugin, pod: FrameworkPod): string[] {
  const point = plugin.filter;
  if (point === undefined) return [];
  const pre = point.preFilter?.(pod, nodes) ?? { kind: 'run', state: undefined };
  if (pre.kind === 'skip') return ['skip'];
  if (pre.kind === 'reject') return [`${pre.status} ${pre.reason}`];
  return listOf(nodes).map((n) => {
    const status = point.test(pod, n, nodes, pre.state);
    const reasons = status === PASS ? [] : point.reasons(pod, n, nodes, pre.state);
    return `${status} ${reasons.join('; ')}`;
  });
}

function listOf(nodes: KubeCluster['nodes']): NodeIndex[] {
  const list: NodeIndex[] = [];
  nodes.forEachNode((n) => list.push(n));
  return list;
}

/** Raw scores, then normalised ones; null if there is none or it is skipped. */
function scoreAll(
  { nodes }: KubeCluster,
  plugin: FrameworkPlugin,
  pod: FrameworkPod,
): { readonly raw: readonly number[]; readonly final: readonly number[] } | null {
  const point = plugin.score;
  if (point === undefined) return null;
  const list = listOf(nodes);
  const feasible: FeasibleNodes = {
    list: asNodeList(Int32Array.from(list)),
    count: list.length,
  };
  const pre = point.preScore ? point.preScore(pod, feasible, nodes) : { state: undefined };
  if (pre === null) return null;
  const raw = list.map((n) => point.score(pod, n, nodes, pre.state));
  const scores = Float64Array.from(raw);
  normalise(point.normalise, scores, feasible, pre.state);
  return { raw, final: [...scores] };
}

const checkFilter: Question = ({ cluster, plugin, pod }) => {
  for (const said of filterAll(cluster, plugin, pod)) {
    if (said === 'skip') continue;
    const [status, ...reasons] = said.split(' ');
    const isKnown = [PASS, UNSCHEDULABLE, UNRESOLVABLE].includes(Number(status) as 0 | 1 | 2);
    expect(isKnown, `${plugin.name} answers ${status}`);
    const isReasoned = Number(status) === PASS || reasons.join('') !== '';
    expect(isReasoned, `${plugin.name} refuses without a reason`);
  }
};

const checkScore: Question = ({ cluster, plugin, pod }) => {
  const scores = scoreAll(cluster, plugin, pod);
  for (const raw of scores?.raw ?? []) {
    expect(Number.isSafeInteger(raw), `${plugin.name} scores ${raw}`);
  }
  for (const score of scores?.final ?? []) {
    const isRight = Number.isInteger(score) && score >= 0 && score <= SCORE_MAX;
    expect(isRight, `${plugin.name} scores ${score} after normalisation`);
  }
};

/** All answers about a pod as one text. */
const answersOf = (cluster: KubeCluster, plugin: FrameworkPlugin, pod: FrameworkPod): string =>
  JSON.stringify([filterAll(cluster, plugin, pod), scoreAll(cluster, plugin, pod)]);

const checkPurity: Question = ({ cluster, make, plugin, pod }) => {
  const first = answersOf(cluster, plugin, pod);
  expect(first === answersOf(cluster, plugin, pod), `${plugin.name}: two calls differ`);
  expect(first === answersOf(cluster, make(cluster), pod), `${plugin.name}: two instances differ`);
  const other = { ...pod, id: pod.id + 1, key: pod.key + 1, attempt: 3 };
  expect(first === answersOf(cluster, plugin, other), `${plugin.name}: pods of one shape differ`);
};

const checkHarmless: Question = ({ cluster, plugin, pod }) => {
  const { nodes } = cluster;
  const print = (): string =>
    JSON.stringify([
      nodes.podLog.position,
      nodes.fleetVersion,
      listOf(nodes).map((n) => [nodes.nonZeroCpu(n), nodes.nonZeroMemory(n), nodes.podCount(n)]),
      nodes.resources.all.map(({ index }) => listOf(nodes).map((n) => nodes.free(n, index))),
    ]);
  const before = print();
  answersOf(cluster, plugin, pod);
  expect(before === print(), `${plugin.name} changed the cluster`);
};

const checkClone: Question = ({ cluster, plugin, pod }) => {
  const point = plugin.filter;
  const pre = point?.preFilter?.(pod, cluster.nodes);
  if (point?.cloneState === undefined || pre?.kind !== 'run') return;
  const { nodes } = cluster;
  const print = (state: unknown): string =>
    listOf(nodes)
      .map((n) => point.test(pod, n, nodes, state))
      .join(' ');
  const before = print(pre.state);
  const copy = point.cloneState(pre.state);
  expect(before === print(copy), `${plugin.name}: a copied state answers otherwise`);
  for (const node of listOf(nodes)) {
    nodes.forEachPod(node, (placed) => {
      point.removePod?.(copy, pod, placed, { node, nodes });
      point.addPod?.(copy, pod, placed, { node, nodes });
    });
  }
  expect(before === print(copy), `${plugin.name}: pods that go and come back change the answer`);
  nodes.forEachPod(asNode(0), (placed) => {
    point.removePod?.(copy, pod, placed, { node: asNode(0), nodes });
  });
  expect(before === print(pre.state), `${plugin.name}: a copied state shares with the original`);
};

/** Answers of class or own node are the same when another node gets a pod; those of a class, when the node itself does. */
const checkDependence: Question = ({ cluster, plugin, pod }) => {
  const { nodes } = cluster;
  const watched: ((n: NodeIndex) => { readonly answer: number; readonly by: Dependence } | null)[] =
    [];
  if (plugin.filter !== undefined) {
    const point = plugin.filter;
    const pre = point.preFilter?.(pod, nodes) ?? { kind: 'run', state: undefined };
    if (pre.kind === 'run') {
      const by = dependence(point.dependsOn, pod, pre.state);
      watched.push((n) => ({ answer: point.test(pod, n, nodes, pre.state), by }));
    }
  }
  if (plugin.score !== undefined) {
    const point = plugin.score;
    const feasible = { list: asNodeList(Int32Array.from(listOf(nodes))), count: nodes.listed };
    const pre = point.preScore ? point.preScore(pod, feasible, nodes) : { state: undefined };
    if (pre !== null) {
      const by = dependence(point.dependsOn, pod, pre.state);
      watched.push((n) => ({ answer: point.score(pod, n, nodes, pre.state), by }));
    }
  }
  for (const ask of watched) {
    const before = ask(asNode(0))!;
    const isKept = before.by === 'class' || before.by === 'own-node';
    const other = cluster.place({ requests: { cpu: 100 }, labels: { app: 'web' } }, 1);
    const after = ask(asNode(0))!;
    const twin = ask(asNode(1))!;
    cluster.remove(other);
    expect(!isKept || after.answer === before.answer, `${plugin.name} reads another node`);
    const isByClass = before.by === 'class' || before.by === 'cluster-class';
    expect(!isByClass || twin.answer === after.answer, `${plugin.name} tells a class apart`);
  }
};

function dependence(by: Dependence | DependenceOf, pod: FrameworkPod, state: unknown): Dependence {
  const answer = typeof by === 'function' ? by(pod, state) : by;
  expect(DEPENDENCES.includes(answer), `dependsOn is "${answer}"`);
  return answer;
}
