/** Resolved scenarios by hand: small worlds with every default named, and the calls that run them. */

import { defineFailures } from '../../src/contracts/policy.ts';
import type { Registry } from '../../src/contracts/registry.ts';
import { builtinRegistry } from '../../src/policies/builtin.ts';
import { keyOf } from '../../src/random/draw.ts';
import type { Bundle, Labels, MetricResult } from '../../src/results/bundle.ts';
import { createSimulation, type Simulation } from '../../src/run/run.ts';
import { resolveNodeLifecycle } from '../../src/scenario/resolve-policies.ts';
import type {
  Cluster,
  ControlPlane,
  Failure,
  JobWorkload,
  MachineType,
  PodSpec,
  Pool,
  Provider,
  Scenario,
  ServiceWorkload,
} from '../../src/scenario/scenario.ts';

/** Microseconds in a second. */
export const SECOND = 1_000_000;
/** Bytes in a MiB. */
export const MIB = 1_048_576;
/** Bytes in a GiB. */
export const GIB = 1024 * MIB;

/** A machine of 4 cores and 16 GiB for 110 pods, at one dollar an hour. */
export function machine(over: Partial<MachineType> = {}): MachineType {
  return {
    name: 'm',
    cpuMillicores: 4000,
    memoryBytes: 16 * GIB,
    pods: 110,
    gpus: null,
    extended: {},
    labels: {},
    prices: { owned: 1 },
    ...over,
  };
}

/** A private provider whose nodes boot in no time, without quota. */
export function provider(over: Partial<Provider> = {}): Provider {
  return {
    name: 'own',
    kind: 'private',
    bootUs: { law: 'constant', value: 0 },
    quotaNodes: null,
    bootsPerSecond: null,
    bootFailureRatio: 0,
    clusterFeeDollarsPerHour: 0,
    ...over,
  };
}

/** One node of machine `m`; `max` follows `count` unless it is given. */
export function pool(over: Partial<Pool> = {}): Pool {
  const count = over.count ?? 1;
  return {
    name: 'p',
    machineType: 'm',
    count,
    max: count,
    price: 'owned',
    zone: 'z',
    labels: {},
    taints: [],
    rackSize: 40,
    idleAfterUs: 60 * SECOND,
    domains: [],
    nodes: null,
    ...over,
  };
}

/** Cluster `a` with one pool of one node. */
export function cluster(over: Partial<Cluster> = {}): Cluster {
  return {
    name: 'a',
    region: 'r',
    site: 's',
    zone: 'z',
    provider: 'own',
    weight: 1,
    labels: {},
    pools: [pool()],
    scheduling: null,
    queueing: null,
    controlPlane: null,
    ...over,
  };
}

/** A pod of one core and 1 GiB. */
export function podSpec(over: Partial<PodSpec> = {}): PodSpec {
  return {
    cpuMillicores: 1000,
    memoryBytes: GIB,
    gpus: null,
    extended: {},
    nodeSelector: {},
    tolerations: [],
    priorityClass: 'default',
    priority: 0,
    ...over,
  };
}

const COMMON = {
  team: 't',
  onEviction: { kind: 'restart' },
  retryLimit: null,
  retryBackoffUs: { base: 10 * SECOND, cap: 300 * SECOND },
  startupUs: { law: 'constant', value: 0 },
} as const;

/** Workload `w`: one pod of 100 s, once a second from second 1 on. */
export function job(over: Partial<JobWorkload> = {}): JobWorkload {
  return {
    ...COMMON,
    name: 'w',
    kind: 'job',
    pod: podSpec(),
    arrivals: { kind: 'regular', everyUs: SECOND },
    podsPerJob: { law: 'constant', value: 1 },
    durationUs: { law: 'constant', value: 100 * SECOND },
    durationPerJob: false,
    estimateFactor: 1,
    onRefusal: 'wait',
    fromUs: 0,
    untilUs: Number.POSITIVE_INFINITY,
    ...over,
  };
}

/** Service `web` of one replica. */
export function service(over: Partial<ServiceWorkload> = {}): ServiceWorkload {
  return {
    ...COMMON,
    name: 'web',
    kind: 'service',
    pod: podSpec(),
    replicas: { kind: 'constant', count: 1 },
    ...over,
  };
}

/**
 * The fields of a job that is in its cluster's queue at exactly `atUs`, once: it arrives one microsecond, the placement
 * latency, before. @param atUs at least 2
 */
export function once(atUs: number): Pick<JobWorkload, 'arrivals' | 'fromUs' | 'untilUs'> {
  return { arrivals: { kind: 'regular', everyUs: 1 }, fromUs: atUs - 2, untilUs: atUs };
}

/** Limits of a control plane that costs nothing. */
export const IDEAL: ControlPlane = {
  attemptUs: 0,
  perNodeUs: 0,
  bindsPerSecond: null,
  bindBurst: 1,
};

/** An hour of one cluster with one node and one workload, first-fit, an ideal control plane, nothing broken. */
export function scenario(over: Partial<Scenario> = {}): Scenario {
  return {
    name: 'test',
    question: 'What happens?',
    horizonUs: 3600 * SECOND,
    warmupUs: 0,
    study: 'terminating',
    seed: null,
    machineTypes: [machine()],
    providers: [provider()],
    clusters: [cluster()],
    workloads: [job()],
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: { use: 'first-fit', params: {} },
      queueing: { use: 'fifo', params: {} },
    },
    placement: {
      latencyUs: 1,
      summaryEveryUs: 10 * SECOND,
      returnAfterUs: null,
      failoverAfterUs: null,
    },
    nodeLifecycle: lifecycle(50 * SECOND, 300 * SECOND),
    controlPlane: IDEAL,
    failures: [],
    thresholds: [],
    series: { everyUs: 60 * SECOND },
    priorityClasses: {},
    arrivalStream: 'keyed',
    eventQueue: 'auto',
    unverified: [],
    catalogs: [],
    ...over,
  };
}

interface FailAtParams {
  /** Null breaks every node. */
  readonly node: string | null;
  readonly upUs: readonly number[];
  readonly downUs: readonly number[];
}

const failAt = defineFailures<FailAtParams>({
  name: 'test/fail-at',
  summary: 'Breaks one named node after given times up.',
  params: (raw) => ({ value: raw as FailAtParams }),
  create: ({ node, upUs, downUs }) => ({
    upUs: (key, cycle) =>
      node === null || key === keyOf(node) ? (upUs[cycle] ?? Infinity) : Infinity,
    downUs: (_, cycle) => downUs[cycle] ?? Infinity,
  }),
});

/** A node that breaks by itself at a known instant. @param node `cluster/pool/ordinal` */
export function nodeFails(node: string, atUs: number, downUs: number): Failure {
  const params: FailAtParams = { node, upUs: [atUs], downUs: [downUs] };
  return { kind: 'nodes', model: { use: 'test/fail-at', params }, clusters: null, repairers: null };
}

/** An outage of a failure domain. @param target `kind/name` */
export function outage(target: string, atUs: number, forUs: number): Failure {
  const slash = target.indexOf('/');
  const kind = target.slice(0, slash) as Extract<Failure, { kind: 'outage' }>['target']['kind'];
  return {
    kind: 'outage',
    name: target,
    target: { kind, name: target.slice(slash + 1) },
    atUs,
    forUs,
  };
}

/** How a test runs: seed 1, every law checked at every event unless it says otherwise. */
export interface TestRunOptions {
  readonly seed?: number;
  readonly replication?: number;
  readonly check?: boolean;
}

/** The built-ins and the policies of these tests. */
export function testRegistry(): Registry {
  const registry = builtinRegistry();
  registry.register(failAt);
  return registry;
}

/** Prepares a run. */
export function prepare(from: Scenario, options: TestRunOptions = {}): Simulation {
  return createSimulation(from, {
    seed: options.seed ?? 1,
    replication: options.replication ?? 0,
    check: options.check ?? true,
    registry: testRegistry(),
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides: [],
      plugins: [],
      orreryVersion: '0.0.0',
    },
  });
}

/** Runs a scenario to its horizon. @param slice events between two breaths */
export function runToEnd(
  from: Scenario,
  options: TestRunOptions = {},
  slice = Number.MAX_SAFE_INTEGER,
): Bundle {
  const simulation = prepare(from, options);
  while (simulation.runFor(slice) !== 'done');
  return simulation.finish(null);
}

/** The bytes of a bundle: what must be equal in every run of one scenario and seed. */
export function bytesOf(bundle: Bundle): string {
  return JSON.stringify(bundle, (_, value) =>
    value instanceof Float64Array ? Array.from(value, (x) => (Number.isNaN(x) ? null : x)) : value,
  );
}

/** One row of a result. */
export function metric(bundle: Bundle, name: string, labels: Labels = {}): MetricResult {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  const found = bundle.result.metrics.find(
    (m) => m.name === name && JSON.stringify(Object.entries(m.labels).sort()) === wanted,
  );
  if (found === undefined) throw new Error(`no metric ${name} ${wanted}`);
  return found;
}

/** Kubernetes' node lifecycle with other times. */
export function lifecycle(detectAfterUs: number, evictAfterUs: number): Scenario['nodeLifecycle'] {
  return { ...resolveNodeLifecycle(), detectAfterUs, evictAfterUs };
}
