/** Rules that span fields: times, references, sizes and what can never work. Finds all issues, changes nothing. */
import { formatCpu, formatMemory } from '../base/units.ts';
import { checkFleet } from './check-fleet.ts';
import { checkTarget } from './check-targets.ts';
import type { Context } from './context.ts';
import { HOSTNAME, labelsOfPool } from './kubernetes/node-labels.ts';
import { checkEvents } from './kubernetes/resolve-events.ts';
import type { Path } from './located.ts';
import { suggestion } from './problems.ts';
import type { Failure, MachineType, PodSpec, Pool, Scenario, Workload } from './scenario.ts';

/** Buckets of a time series at most: beyond, statistics would need more memory than the fleet. */
const BUCKETS_MAX = 20_000;

/** Checks a resolved scenario; NaN stands for what the schema found wrong, and no rule speaks of it. */
export function checkScenario(scenario: Scenario, context: Context): void {
  const { problems } = context;
  if (scenario.warmupUs >= scenario.horizonUs) {
    problems.at(['warmup'], 'a duration below the horizon');
  }
  if (scenario.horizonUs / scenario.series.everyUs > BUCKETS_MAX) {
    problems.at(['series', 'every'], `a width that gives at most ${BUCKETS_MAX} buckets`);
  }
  checkFleet(scenario, context);
  for (const workload of scenario.workloads) checkWorkload(workload, scenario, context);
  for (const failure of scenario.failures) checkFailure(failure, scenario, context);
  checkEvents(scenario, context);
}

function checkWorkload(workload: Workload, scenario: Scenario, context: Context): void {
  // A trace brings its own requests: its rows are checked as they are read.
  const isTrace = workload.kind !== 'service' && workload.arrivals.kind === 'trace';
  // What is there is there, even if it can never be scheduled.
  const isFromFiles = workload.isControlled && (scenario.kubernetes?.inputs.length ?? 0) > 0;
  if (isTrace || isFromFiles || !context.isFleetComplete || !context.isStockComplete) return;
  checkFit(workload.pod, [...context.originOf(workload), 'pod'], scenario, context);
}

/** A pod that no node can ever take would wait for ever: the scenario cannot mean that. */
function checkFit(pod: PodSpec, path: Path, scenario: Scenario, { problems }: Context): void {
  const offers = scenario.clusters.flatMap((cluster) =>
    cluster.pools.map((pool) => ({ pool, labels: labelsOfPool(cluster, pool) })),
  );
  const selected = offers.filter((offer) => isSelected(pod, offer)).map(({ pool }) => pool);
  if (selected.length === 0) {
    const [key] = Object.keys(pod.nodeSelector);
    const keys = new Set(offers.flatMap(({ labels }) => Object.keys(labels)));
    const hint = keys.has(key ?? '') ? undefined : suggestion(key ?? '', keys);
    problems.at([...path, 'nodeSelector'], 'labels that some pool has', { hint });
    return;
  }
  const names = new Set(
    selected.flatMap((pool) => pool.nodes?.map((node) => node.machineType) ?? [pool.machineType]),
  );
  const types = scenario.machineTypes.filter((type) => names.has(type.name));
  if (types.length < names.size || types.some((type) => fits(pod, type))) return;
  const largest = (of: (type: MachineType) => number): MachineType =>
    types.reduce((best, type) => (of(type) > of(best) ? type : best));
  const say = (field: string, expected: string, type: MachineType): void =>
    problems.at([...path, field], `${expected}, the most that a machine type has`, {
      hint: `the largest is ${type.name}`,
    });
  const byCpu = largest((type) => type.cpuMillicores);
  const byMemory = largest((type) => type.memoryBytes);
  const byGpus = largest((type) => gpusOf(pod, type));
  const isFound = [
    pod.cpuMillicores > byCpu.cpuMillicores &&
      say('cpu', `at most ${formatCpu(byCpu.cpuMillicores)}`, byCpu),
    pod.memoryBytes > byMemory.memoryBytes &&
      say('memory', `at most ${formatMemory(byMemory.memoryBytes)}`, byMemory),
    pod.gpus !== null &&
      pod.gpus.count > gpusOf(pod, byGpus) &&
      say('gpus', `at most ${gpusOf(pod, byGpus)} GPUs of a model it may use`, byGpus),
    ...Object.entries(pod.extended).map(
      ([name, count]) =>
        types.every((type) => extendedOf(type, name) < count) &&
        problems.at([...path, 'extended', name], 'an amount that some machine type has'),
    ),
  ].some((found) => found !== false);
  if (!isFound) {
    const hint = 'each request fits some machine type, but no one type fits them all';
    problems.at(path, 'a pod that fits some machine type', { hint });
  }
}

/** True if some node of a pool has the labels that a pod asks for; names of nodes are not looked at. */
function isSelected(
  pod: PodSpec,
  { pool, labels }: { readonly pool: Pool; readonly labels: Readonly<Record<string, string>> },
): boolean {
  return Object.entries(pod.nodeSelector).every(
    ([key, value]) =>
      key === HOSTNAME ||
      (Object.hasOwn(labels, key) && labels[key] === value) ||
      (pool.nodes ?? []).some((node) => node.labels?.[key] === value),
  );
}

function fits(pod: PodSpec, type: MachineType): boolean {
  return (
    !(pod.cpuMillicores > type.cpuMillicores) &&
    !(pod.memoryBytes > type.memoryBytes) &&
    !(pod.gpus !== null && pod.gpus.count > gpusOf(pod, type)) &&
    Object.entries(pod.extended).every(([name, count]) => count <= extendedOf(type, name))
  );
}

/** Devices of a type that the pod may use. */
function gpusOf(pod: PodSpec, type: MachineType): number {
  if (type.gpus === null || pod.gpus === null) return 0;
  const isAllowed = pod.gpus.models.length === 0 || pod.gpus.models.includes(type.gpus.model);
  return isAllowed ? type.gpus.count : 0;
}

function extendedOf(type: MachineType, name: string): number {
  return Object.hasOwn(type.extended, name) ? type.extended[name]! : 0;
}

function checkFailure(failure: Failure, scenario: Scenario, context: Context): void {
  const { problems } = context;
  const path = context.originOf(failure);
  if (failure.kind === 'outage') {
    if (failure.name === 'any') {
      const hint = 'any stands for all outages, as in during outage(any)';
      problems.at([...path, 'name'], 'a name other than any', { hint });
    }
    if (failure.atUs >= scenario.horizonUs) {
      problems.at([...path, 'at'], 'an instant before the horizon');
    }
    if (context.isFleetComplete)
      checkTarget(failure.target, [...path, 'outage'], scenario, context);
    return;
  }
  if (failure.clusters === null || !context.isFleetComplete) return;
  const known = new Set(scenario.clusters.map((cluster) => cluster.name));
  for (const name of failure.clusters) {
    if (!known.has(name)) {
      const hint = suggestion(name, known);
      problems.at([...path, 'clusters'], 'names of clusters', { value: `"${name}"`, hint });
    }
  }
}
