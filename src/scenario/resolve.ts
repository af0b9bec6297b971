/** From a tree as written to a scenario as data: shape, then references and defaults, then rules; all issues at once. */
import { parseDuration } from '../base/units.ts';
import { readCatalogs, stockUp } from './catalogs.ts';
import { checkScenario } from './check.ts';
import { Context, type Sources } from './context.ts';
import {
  resolveNamespaces,
  resolveObjects,
  resolveServices,
} from './kubernetes/resolve-objects.ts';
import type { Located } from './located.ts';
import type { Problems } from './problems.ts';
import { resolveClusters } from './resolve-fleet.ts';
import { read } from './resolve-laws.ts';
import {
  IDEAL,
  resolveControlPlane,
  resolveFailures,
  resolveNodeLifecycle,
  resolvePolicy,
  resolveThresholds,
} from './resolve-policies.ts';
import { BUILT_IN_CLASSES, resolveWorkloads, type WorkloadSetting } from './resolve-workloads.ts';
import type { Cluster, MachineType, Provider, Scenario } from './scenario.ts';
import { type RawScenario, scenarioSchema } from './schema.ts';
import { parseDurationOrNever } from './schema-values.ts';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

/** Widths that people like for a bucket of a time series. */
const NICE_US = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600,
  43_200, 86_400, 172_800, 604_800,
].map((seconds) => seconds * SECOND_US);

/** Buckets of a time series if the file does not say: five minutes of a day. */
const BUCKETS_DEFAULT = 288;

/**
 * Resolves a tree.
 *
 * @param problems what is already known to be wrong
 * @throws ScenarioError with every issue
 */
export function resolveScenario(tree: Located, problems: Problems, sources: Sources): Scenario {
  const shape = scenarioSchema.safeParse(problems.raw);
  if (!shape.success) problems.schema(shape.error.issues);
  if (tree.kind !== 'map') problems.fail();
  const context = new Context(problems, sources);
  // What is wrong was noted; what is right is read all the same, so that all issues come at once.
  const scenario = build(problems.raw as RawScenario, context);
  checkScenario(scenario, context);
  problems.fail();
  return scenario;
}

function build(raw: RawScenario, context: Context): Scenario {
  const { problems } = context;
  // NaN where it is wrong: then no rule about it speaks a second time.
  const horizonUs = problems.hasIssueIn(['horizon'])
    ? Number.NaN
    : read(parseDuration, raw.horizon);
  const { clusters, machineTypes, providers, catalogs, unverified } = buildFleet(raw, context);
  const isOne = clusters.length <= 1;
  const { placement, nodeLifecycle, policies, series, controlPlane, thresholds, priorityClasses } =
    unbroken(raw, problems);
  const classes = { ...BUILT_IN_CLASSES, ...priorityClasses };
  const failures = problems.isBrokenAt(['failures']) ? [] : (raw.failures ?? []);
  const duration = (written: unknown, otherwise: number): number =>
    written === undefined ? otherwise : read(parseDuration, written);
  const orNever = (written: unknown, otherwise: number | null): number | null => {
    if (written === undefined) return otherwise;
    const us = read(parseDurationOrNever, written);
    return us === Number.POSITIVE_INFINITY ? null : us;
  };
  const { workloads, kubernetes } = buildWorkloads(raw, { horizonUs, classes, clusters }, context);
  return {
    name: raw.name,
    question: raw.question ?? '',
    horizonUs,
    warmupUs: duration(raw.warmup, 0),
    study: raw.study ?? 'terminating',
    seed: raw.seed ?? null,
    machineTypes,
    providers,
    clusters,
    workloads,
    policies: {
      placement: resolvePolicy(policies?.placement ?? 'most-free'),
      scheduling: resolvePolicy(
        policies?.scheduling ??
          (kubernetes?.controllers.length ? 'kubernetes/default' : 'least-allocated'),
      ),
      queueing: resolvePolicy(policies?.queueing ?? 'priority'),
    },
    placement: {
      latencyUs: duration(placement?.latency, isOne ? 1 : SECOND_US),
      summaryEveryUs: duration(placement?.summaryEvery, 10 * SECOND_US),
      returnAfterUs: orNever(placement?.returnAfter, isOne ? null : 60 * SECOND_US),
      failoverAfterUs: orNever(placement?.failoverAfter, isOne ? null : 300 * SECOND_US),
    },
    nodeLifecycle: resolveNodeLifecycle(nodeLifecycle),
    controlPlane: controlPlane === undefined ? IDEAL : resolveControlPlane(controlPlane),
    failures: resolveFailures(failures, context),
    thresholds: resolveThresholds(thresholds ?? {}),
    series: { everyUs: duration(series?.every, niceWidthUs(horizonUs)) },
    priorityClasses: { ...context.kube.priorityClasses, ...classes },
    arrivalStream: raw.arrivalStream ?? 'keyed',
    eventQueue: raw.eventQueue ?? 'auto',
    unverified,
    catalogs,
    ...(kubernetes ? { kubernetes } : {}),
  };
}

/** Workloads and what belongs to them in Kubernetes, of the scenario and of the files that it names. */
function buildWorkloads(
  raw: RawScenario,
  setting: Pick<WorkloadSetting, 'horizonUs' | 'classes' | 'clusters'>,
  context: Context,
): Pick<Scenario, 'workloads'> & { kubernetes: Scenario['kubernetes'] | null } {
  const { problems } = context;
  const { classes, clusters } = setting;
  const isBroken = problems.isBrokenAt(['workloads']);
  const services = resolveServices(problems.isBroken(['services']) ? [] : raw.services);
  const namespaces = resolveNamespaces(problems.isBroken(['namespaces']) ? [] : raw.namespaces);
  const written = isBroken ? [] : (raw.workloads ?? []);
  const workloads = resolveWorkloads(written, { ...setting, services }, context);
  const names = clusters.map(({ name }) => name);
  const objects = { services, namespaces, classes, clusters: names };
  const kubernetes = resolveObjects(raw, objects, context);
  const isReadable = context.isFleetComplete || !context.kube.hasInputs;
  if (workloads.length === 0 && isReadable && !isBroken) {
    problems.at(['workloads'], 'a list of workloads', { hint: 'add workloads, which is required' });
  }
  return { workloads, kubernetes };
}

/** The optional parts of a scenario whose shape is right, inside and out. */
function unbroken(raw: RawScenario, problems: Problems): Partial<RawScenario> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !problems.isBroken([key])));
}

/** The smallest nice width of at least 1/288 of the horizon; whole weeks beyond the last. */
function niceWidthUs(horizonUs: number): number {
  const wanted = horizonUs / BUCKETS_DEFAULT;
  return NICE_US.find((width) => width >= wanted) ?? Math.ceil(wanted / (7 * DAY_US)) * 7 * DAY_US;
}

type FleetPart = Pick<
  Scenario,
  'clusters' | 'machineTypes' | 'providers' | 'catalogs' | 'unverified'
>;

function buildFleet(raw: RawScenario, context: Context): FleetPart {
  const { problems, stock } = context;
  const fleet = raw.fleet as RawScenario['fleet'] | undefined;
  if (problems.isBrokenAt(['fleet']) || fleet === undefined) {
    context.isFleetComplete = false;
    return { clusters: [], machineTypes: [], providers: [], catalogs: [], unverified: [] };
  }
  const heads = problems.isBrokenAt(['fleet', 'catalog'])
    ? []
    : readCatalogs(fleet.catalog, context);
  stockUp(
    {
      machineTypes: problems.isBrokenAt(['fleet', 'machineTypes']) ? [] : fleet.machineTypes,
      providers: problems.isBrokenAt(['fleet', 'providers']) ? [] : fleet.providers,
    },
    stock,
    { problems, path: ['fleet'] },
  );
  const isRead = !problems.isBrokenAt(['fleet', 'clusters']) && Array.isArray(fleet.clusters);
  if (!isRead) context.isFleetComplete = false;
  const clusters = isRead ? resolveClusters(fleet.clusters, context) : [];
  return {
    clusters,
    ...usedBy(clusters, context),
    catalogs: heads.map(({ name, date, source }) => ({ name, date, source })),
  };
}

/** The machine types and providers that clusters use, by name. */
function usedBy(
  clusters: readonly Cluster[],
  { stock }: Context,
): Pick<Scenario, 'machineTypes' | 'providers' | 'unverified'> {
  const types = new Set<MachineType>();
  const providers = new Set<Provider>();
  for (const cluster of clusters) {
    const provider = stock.providers.get(cluster.provider);
    if (provider) providers.add(provider);
    for (const pool of cluster.pools) {
      for (const name of pool.nodes?.map((node) => node.machineType) ?? [pool.machineType]) {
        const type = stock.machineTypes.get(name);
        if (type) types.add(type);
      }
    }
  }
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return {
    machineTypes: [...types].sort(byName),
    providers: [...providers].sort(byName),
    unverified: [...types, ...providers]
      .filter((used) => stock.unverified.has(used))
      .sort(byName)
      .map(({ name }) => name),
  };
}
