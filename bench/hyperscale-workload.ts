/**
 * The workload of the hyperscale ladder: 20 machine types, 200 pod shapes, 25 pods a node that fill 70 %, run times lognormal
 * with mean 2.1 hours, a fleet in equilibrium from the start. Sizes are those of the C++ reference, number for number, so that
 * both programs answer the same question.
 */
import type { Failure, JobWorkload, MachineType, Scenario } from '../src/scenario/scenario.ts';
import {
  cluster,
  GIB,
  job,
  lifecycle,
  MIB,
  machine,
  podSpec,
  pool,
  SECOND,
  scenario,
} from '../test/builders/scenario.ts';

const CORES = [16, 16, 24, 32, 32, 32, 48, 48, 56, 64, 64, 64, 80, 96, 96, 112, 128, 64, 96, 128];
const MEMORY_GIB = [
  64, 128, 96, 128, 192, 256, 192, 384, 256, 256, 384, 512, 320, 384, 768, 448, 512, 512, 768, 1024,
];
/** Machine types from this one on have eight devices. */
const FIRST_WITH_GPUS = 17;
const GPU_NODES_RATIO = 0.1;
const SHAPES = 200;
/** Shapes from this one on ask for one device; each has this share of all pods. */
const FIRST_GPU_SHAPE = 190;
const GPU_SHAPE_RATIO = 0.0015;
const PODS_PER_NODE = 25;
const FILL_RATIO = 0.7;
const MEAN_RUN_SECONDS = 7560;
const SIGMA = 1.8;

/** A generator of uniform numbers in [0, 1). */
type Uniform = () => number;

/** *Source*: mulberry32, by T. Ettinger: what the reference draws its shapes with. */
function mulberry(seed: number): Uniform {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Share of the nodes by machine type. */
function nodeRatios(): number[] {
  let total = 0;
  for (let k = 0; k < FIRST_WITH_GPUS; k++) total += 1 / (1 + (k % 7));
  return CORES.map((_, k) =>
    k >= FIRST_WITH_GPUS ? GPU_NODES_RATIO / 3 : (1 - GPU_NODES_RATIO) / (1 + (k % 7)) / total,
  );
}

/** One pod shape of the workload. */
interface Shape {
  readonly cpuMillicores: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** Share of all pods. */
  readonly ratio: number;
}

function shapes(): Shape[] {
  const uniform = mulberry(7);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const popularity = Array.from({ length: FIRST_GPU_SHAPE }, (_, s) => 1 / (1 + s) ** 0.8);
  const sum = popularity.reduce((a, b) => a + b, 0);
  const gpuShapes = SHAPES - FIRST_GPU_SHAPE;
  const raw = Array.from({ length: SHAPES }, (_, s) => {
    const cpu = Math.exp(gauss() * 0.9);
    const memory = cpu * Math.exp(gauss() * 0.7);
    const isPlain = s < FIRST_GPU_SHAPE;
    const ratio = isPlain
      ? (popularity[s]! * (1 - gpuShapes * GPU_SHAPE_RATIO)) / sum
      : GPU_SHAPE_RATIO;
    return { cpu, memory, ratio };
  });
  const mean = (pick: (one: (typeof raw)[number]) => number) =>
    raw.reduce((total, one) => total + one.ratio * pick(one), 0);
  const ofNodes = (sizes: readonly number[]) =>
    nodeRatios().reduce((total, ratio, k) => total + ratio * sizes[k]!, 0);
  const perPod = FILL_RATIO / PODS_PER_NODE;
  const cpuUnit = (ofNodes(CORES) * 1000 * perPod) / mean((one) => one.cpu);
  const memoryUnit = (ofNodes(MEMORY_GIB) * 1024 * perPod) / mean((one) => one.memory);
  const within = (value: number, step: number, most: number) =>
    Math.min(most, Math.max(step, Math.round(value / step) * step));
  return raw.map(({ cpu, memory, ratio }, s) => ({
    cpuMillicores: within(cpu * cpuUnit, 50, 15_000),
    memoryMib: within(memory * memoryUnit, 64, 60_000),
    gpus: s < FIRST_GPU_SHAPE ? 0 : 1,
    ratio,
  }));
}

function machineTypes(): MachineType[] {
  return CORES.map((cores, k) =>
    machine({
      name: `m-${String(k).padStart(2, '0')}`,
      cpuMillicores: cores * 1000,
      memoryBytes: MEMORY_GIB[k]! * GIB,
      // Never what is short: the reference knows no limit of pods.
      pods: 1000,
      gpus: k < FIRST_WITH_GPUS ? null : { model: 'A100', count: 8 },
    }),
  );
}

/** Nodes by machine type: whole shares, at least one each; the first takes the rest. */
function nodeCounts(nodes: number): number[] {
  const counts = nodeRatios().map((ratio) => Math.max(1, Math.floor(ratio * nodes)));
  counts[0]! += nodes - counts.reduce((a, b) => a + b, 0);
  return counts;
}

function workloads(nodes: number): JobWorkload[] {
  const perSecond = (PODS_PER_NODE * nodes) / MEAN_RUN_SECONDS;
  const median = MEAN_RUN_SECONDS * SECOND * Math.exp(-(SIGMA * SIGMA) / 2);
  return shapes().map(({ cpuMillicores, gpus, memoryMib, ratio }, s) =>
    job({
      name: `shape-${String(s).padStart(3, '0')}`,
      pod: podSpec({
        cpuMillicores,
        memoryBytes: memoryMib * MIB,
        gpus: gpus === 0 ? null : { count: gpus, milliPerDevice: 1000, models: [] },
      }),
      arrivals: { kind: 'poisson', perSecond: perSecond * ratio },
      durationUs: { law: 'lognormal', median, sigma: SIGMA },
      retryBackoffUs: { base: 1, cap: 1 },
      initial: { pods: Math.round(PODS_PER_NODE * nodes * ratio), residual: 'equilibrium' },
    }),
  );
}

const NODE_FAILURES: Failure = {
  kind: 'nodes',
  model: { use: 'exponential', params: { mtbf: '365d', repair: '4h' } },
  clusters: null,
  repairers: null,
};

/** What is asked of the ladder's scenario. */
export interface HyperscaleOptions {
  readonly nodes: number;
  readonly policy: Scenario['policies']['scheduling'];
  readonly eventQueue: Scenario['eventQueue'];
  /** Pods that arrive after the fleet is full. */
  readonly pods: number;
}

/** One flat cluster in equilibrium. */
export function hyperscaleScenario(options: HyperscaleOptions): Scenario {
  const { nodes, policy, pods } = options;
  const perSecond = (PODS_PER_NODE * nodes) / MEAN_RUN_SECONDS;
  const counts = nodeCounts(nodes);
  return scenario({
    name: 'hyperscale',
    horizonUs: Math.ceil((1 + pods / perSecond) * SECOND),
    machineTypes: machineTypes(),
    clusters: [
      cluster({
        name: 'flat',
        pools: machineTypes().map(({ name }, k) =>
          pool({ name: `p-${name}`, machineType: name, count: counts[k]! }),
        ),
      }),
    ],
    workloads: workloads(nodes),
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: policy,
      queueing: { use: 'fifo', params: {} },
    },
    nodeLifecycle: lifecycle(0, 0),
    failures: [NODE_FAILURES],
    series: { everyUs: Math.ceil((1 + pods / perSecond) / 48) * SECOND },
    eventQueue: options.eventQueue,
  });
}
