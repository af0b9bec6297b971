import { asNode, asNodeList, type NodeList } from '../base/ids.ts';
import type { SchedulingPolicy } from '../contracts/policy.ts';
import type {
  NodeFilter,
  NodeScore,
  PodAttempt,
  Scheduler,
  SchedulingProfile,
} from '../contracts/scheduling.ts';
import type { ClusterView } from '../model/view.ts';
import { DOWN, UP } from '../model/view.ts';
import { Feasibility } from '../selection/feasibility.ts';
import { batchCases } from './batch.ts';
import { type ContractCase, type ContractOptions, expect, sameBits, withSkips } from './case.ts';
import { buildCluster, type PodBuild, type TestCluster } from './cluster.ts';
import { commonCases, paramsFor } from './policy-cases.ts';

/** Pods that every profile is asked about: cpu only, a GPU share, whole GPUs, one with a model. */
const PODS: readonly PodBuild[] = [
  { cpuMillicores: 1000, memoryMib: 2048 },
  { cpuMillicores: 3700, memoryMib: 512 },
  { cpuMillicores: 2000, memoryMib: 4096, gpus: 1, gpuMilli: 300 },
  { cpuMillicores: 4000, memoryMib: 8192, gpus: 2 },
  { cpuMillicores: 1000, memoryMib: 1024, gpus: 1, gpuModels: ['V100'] },
];

/** A small mixed cluster with pods on it, always the same. */
function buildMixed(): TestCluster {
  const cluster = buildCluster([
    { count: 4, cpuMillicores: 8000, memoryMib: 32_768 },
    { count: 3, cpuMillicores: 64_000, memoryMib: 262_144, gpus: 2, gpuModel: 'T4' },
    { count: 3, cpuMillicores: 96_000, memoryMib: 393_216, gpus: 8, gpuModel: 'V100' },
  ]);
  cluster.place(PODS[0]!, 0);
  cluster.place(PODS[1]!, 1);
  cluster.place(PODS[2]!, 4);
  cluster.place(PODS[2]!, 4, 0b10);
  cluster.place(PODS[3]!, 5);
  cluster.place(PODS[2]!, 7);
  cluster.place(PODS[3]!, 7, 0b1100);
  cluster.place(PODS[4]!, 8);
  cluster.setState(3, DOWN);
  return cluster;
}

/** Asks a question of one profile about every pod of the suite and the nodes that fit it. */
type Question = (at: {
  readonly cluster: TestCluster;
  readonly profile: SchedulingProfile;
  readonly pod: PodAttempt;
  readonly nodes: NodeList;
  readonly count: number;
}) => void;

/**
 * Lists what the scheduling contract asks of a policy: run every case in your test framework.
 *
 * @param policy made by `defineScheduling`
 */
export function checkScheduling(
  policy: SchedulingPolicy,
  options: ContractOptions = {},
): readonly ContractCase[] {
  const make = (cluster: TestCluster): Scheduler =>
    policy.create(paramsFor(policy, options), cluster.setup(PODS, options.plugins));
  const each = (ask: Question) => () => {
    const cluster = buildMixed();
    const scheduler = make(cluster);
    if (scheduler.kind !== 'profile') return;
    for (const build of PODS) {
      const pod = cluster.attempt(build, 77);
      const nodes = asNodeList(new Int32Array(cluster.view.nodes.count + 1).fill(-7));
      for (let n = asNode(0); n < cluster.view.nodes.count; n++) nodes[n] = n;
      const fit = new Feasibility(cluster.view, []);
      const count = fit.keep(pod, nodes, cluster.view.nodes.count);
      ask({ cluster, profile: scheduler, pod, nodes, count });
    }
  };
  const cases: ContractCase[] = [
    ...commonCases(policy, options),
    {
      name: 'creates a profile or a batch scheduler whose declarations are in range',
      run: () => checkDeclarations(make(buildMixed())),
    },
    { name: 'keeps nodes in their order and invents none', run: each(checkFilters) },
    {
      name: 'scores finite numbers, adds them, and writes none past count',
      run: each(checkAdding),
    },
    {
      name: 'gives the same bits for the same question, in a batch or alone',
      run: each((at) => checkPurity(at, make)),
    },
    {
      name: 'changes no column of the cluster',
      run: each((at) => {
        const before = fingerprint(at.cluster.view);
        for (const filter of at.profile.filters ?? []) {
          filter.keep(at.pod, copyOf(at.nodes), at.count, at.cluster.view);
        }
        scoresOf(at.profile, at.pod, at.nodes, at.count, at.cluster.view);
        expect(sameBits(before, fingerprint(at.cluster.view)), 'a column changed');
      }),
    },
    { name: 'reads no more than it declares in dependsOn', run: each(checkDependence) },
    { name: 'never scores lower for more free resources where it says so', run: each(checkRising) },
    { name: 'chooses devices that fit', run: each(checkDevices) },
    ...batchCases(make),
  ];
  return withSkips(cases, options.skip);
}

function checkDeclarations(scheduler: Scheduler): void {
  if (scheduler.kind === 'batch') {
    expect(typeof scheduler.decide === 'function', 'decide is not a function');
    return;
  }
  if (scheduler.kind === 'framework') {
    expect(scheduler.profiles.length > 0, 'a framework scheduler without profiles');
    return;
  }
  const { filters = [], scores = [], ties, sample } = scheduler;
  const orders = ['index', 'rank', 'uniform', 'capacity', 'rotate'];
  expect(orders.includes(ties), `ties is "${ties}", not one of ${orders.join(', ')}`);
  const names = filters.map((f) => f.name);
  expect(new Set(names).size === names.length, `two filters share a name: ${names.join(', ')}`);
  for (const { score, weight } of scores) {
    expect(Number.isFinite(weight), `weight of ${score.name} is ${weight}`);
  }
  for (const part of [...filters, ...scores.map((s) => s.score)]) {
    const known = ['static', 'own-node', 'cluster'].includes(part.dependsOn);
    expect(known, `${part.name} depends on "${part.dependsOn}"`);
  }
  if (sample === undefined) return;
  expect(Number.isInteger(sample.size) && sample.size >= 1, `sample size ${sample.size}`);
  expect(Number.isInteger(sample.tries) && sample.tries >= 1, `sample tries ${sample.tries}`);
}

const checkFilters: Question = ({ cluster, profile, pod, nodes, count }) => {
  for (const filter of profile.filters ?? []) {
    const kept = copyOf(nodes);
    const left = filter.keep(pod, kept, count, cluster.view);
    expect(Number.isInteger(left) && left >= 0 && left <= count, `${filter.name} returns ${left}`);
    let from = 0;
    for (let i = 0; i < left; i++) {
      while (from < count && nodes[from] !== kept[i]) from++;
      expect(from < count, `${filter.name} moved or invented node ${kept[i]}`);
      from++;
    }
    expect(kept[nodes.length - 1] === nodes[nodes.length - 1], `${filter.name} wrote past count`);
    for (let i = 0; i < count; i++) {
      const isKept = keepsAlone(filter, pod, nodes[i]!, cluster.view);
      const was = Array.from({ length: left }, (_, k) => kept[k]).includes(nodes[i]);
      expect(isKept === was, `${filter.name} decides on node ${nodes[i]} by its company`);
    }
  }
};

function keepsAlone(filter: NodeFilter, pod: PodAttempt, n: number, view: ClusterView): boolean {
  const alone = asNodeList(Int32Array.of(n));
  return filter.keep(pod, alone, 1, view) === 1;
}

const checkAdding: Question = ({ cluster, profile, pod, nodes, count }) => {
  for (const { score } of profile.scores ?? []) {
    const once = new Float64Array(count + 1).fill(0);
    const onTop = new Float64Array(count + 1).fill(1000);
    score.add(pod, nodes, count, cluster.view, once, 1);
    score.add(pod, nodes, count, cluster.view, onTop, 2);
    expect(once[count] === 0 && onTop[count] === 1000, `${score.name} writes past count`);
    for (let i = 0; i < count; i++) {
      expect(Number.isFinite(once[i]!), `${score.name} scores node ${nodes[i]} ${once[i]}`);
      const expected = 1000 + 2 * once[i]!;
      const near = Math.abs(onTop[i]! - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
      expect(near, `${score.name} gives ${onTop[i]} for 1000 + 2 * ${once[i]}`);
    }
  }
};

function checkPurity(at: Parameters<Question>[0], make: (c: TestCluster) => Scheduler): void {
  const { cluster, profile, pod, nodes, count } = at;
  const first = scoresOf(profile, pod, nodes, count, cluster.view);
  expect(sameBits(first, scoresOf(profile, pod, nodes, count, cluster.view)), 'two calls differ');
  const twin = make(cluster) as SchedulingProfile;
  expect(sameBits(first, scoresOf(twin, pod, nodes, count, cluster.view)), 'two instances differ');
  const other = { ...pod, key: pod.key + 1, attempt: 3 };
  const same = sameBits(first, scoresOf(profile, other, nodes, count, cluster.view));
  expect(same, 'pods of one shape score differently');
  if ((profile.scores ?? []).some(({ score }) => score.dependsOn === 'cluster')) return;
  for (let i = 0; i < count; i++) {
    const alone = scoresOf(profile, pod, asNodeList(Int32Array.of(nodes[i]!)), 1, cluster.view);
    expect(Object.is(alone[0], first[i]), `node ${nodes[i]} scores differently alone`);
  }
}

const checkDependence: Question = ({ cluster, profile, pod, nodes, count }) => {
  const watched = (profile.scores ?? [])
    .map((s) => s.score)
    .filter((s) => s.dependsOn !== 'cluster');
  for (let i = 0; i < count; i++) {
    const one = asNodeList(Int32Array.of(nodes[i]!));
    const before = watched.map((score) => scoreOf(score, pod, one, cluster.view));
    const other = nodes[(i + 1) % count]!;
    if (other === nodes[i]) continue;
    const guest = cluster.place({ cpuMillicores: 500, memoryMib: 256 }, other);
    const after = watched.map((score) => scoreOf(score, pod, one, cluster.view));
    cluster.remove(guest);
    expect(sameBits(before, after), `the score of node ${nodes[i]} depends on node ${other}`);
    const own = cluster.place({ cpuMillicores: 100, memoryMib: 64 }, nodes[i]!);
    watched.forEach((score, k) => {
      if (score.dependsOn !== 'static') return;
      const now = scoreOf(score, pod, one, cluster.view);
      expect(Object.is(now, before[k]), `${score.name} is static but reads node ${nodes[i]}`);
    });
    cluster.remove(own);
  }
};

const checkRising: Question = ({ cluster, profile, pod, nodes, count }) => {
  for (const { score } of profile.scores ?? []) {
    if (!score.risesWithFree) continue;
    for (let i = 0; i < count; i++) {
      const one = asNodeList(Int32Array.of(nodes[i]!));
      const free = scoreOf(score, pod, one, cluster.view);
      const guest = cluster.place({ cpuMillicores: 700, memoryMib: 300 }, nodes[i]!);
      const fuller = scoreOf(score, pod, one, cluster.view);
      cluster.remove(guest);
      expect(fuller <= free, `${score.name}: node ${nodes[i]} scores higher when fuller`);
    }
  }
};

const checkDevices: Question = ({ cluster, profile, pod, nodes, count }) => {
  if (profile.devices === undefined || pod.shape.gpuCount === 0) return;
  const columns = cluster.view.nodes;
  for (let i = 0; i < count; i++) {
    const n = nodes[i]!;
    const mask = profile.devices.choose(pod, n, cluster.view);
    expect(mask === profile.devices.choose(pod, n, cluster.view), 'two calls choose differently');
    let chosen = 0;
    for (let d = 0; d < 32; d++) {
      if ((mask & (1 << d)) === 0) continue;
      chosen++;
      const left =
        d < columns.gpuCount[n]! ? columns.deviceFreeMilli[columns.gpuOffset[n]! + d]! : 0;
      expect(left >= pod.shape.gpuMilliPerDevice, `device ${d} of node ${n} has ${left} left`);
    }
    expect(chosen === pod.shape.gpuCount, `${chosen} devices for ${pod.shape.gpuCount}`);
  }
};

function copyOf(nodes: NodeList): NodeList {
  return asNodeList(Int32Array.from({ length: nodes.length }, (_, i) => nodes[i]!));
}

function scoreOf(score: NodeScore, pod: PodAttempt, one: NodeList, view: ClusterView): number {
  const scores = new Float64Array(1);
  score.add(pod, one, 1, view, scores, 1);
  return scores[0]!;
}

function scoresOf(
  profile: SchedulingProfile,
  pod: PodAttempt,
  nodes: NodeList,
  count: number,
  view: ClusterView,
): Float64Array {
  const scores = new Float64Array(count);
  for (const { score, weight } of profile.scores ?? []) {
    score.add(pod, nodes, count, view, scores, weight);
  }
  return scores;
}

/** Every number that a policy can reach through the view of the nodes. */
function fingerprint(view: ClusterView): number[] {
  const { nodes } = view;
  const columns = [...nodes.free, ...nodes.allocatable, nodes.state, nodes.pool, nodes.group];
  columns.push(nodes.gpuCount, nodes.gpuFreeMilli, nodes.gpuWholeFree, nodes.firstPod);
  columns.push(nodes.podCount, nodes.deviceFreeMilli as (typeof columns)[number]);
  const numbers = columns.flatMap((c) => Array.from({ length: c.length }, (_, i) => c[asNode(i)]!));
  return [...numbers, nodes.count, UP];
}
