/** Workloads as written become data: requests in numbers, classes in priorities, arrivals and run times in laws. */
import { parseDuration, parseRate, parseRatio } from '../base/units.ts';
import type { Context } from './context.ts';
import { fillName } from './expand.ts';
import { clusterFor } from './kubernetes/inputs.ts';
import type { KubeService } from './kubernetes/objects.ts';
import {
  isKubeWorkload,
  type RawKubeWorkload,
  resolveKubeWorkload,
} from './kubernetes/resolve-workloads.ts';
import type { Path } from './located.ts';
import { parseNumber, type RawLaw, read, resolveLaw } from './resolve-laws.ts';
import { type PodSetting, resolvePod } from './resolve-pod.ts';
import type { Arrivals, Cluster, OnEviction, Replicas, TraceUse, Workload } from './scenario.ts';
import type { RawWorkload } from './schema.ts';
import { parseDurationOrForever, SHARE_MAX } from './schema-values.ts';

type RawJob = Extract<RawWorkload, { arrivals: unknown }>;
type RawService = Extract<RawWorkload, { replicas: unknown }>;

/** Priorities of the classes that need no declaration; the two of Kubernetes have its values. */
export const BUILT_IN_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
  critical: 1_000_000,
  high: 100_000,
  default: 0,
  low: -1000,
  'best-effort': -10_000,
};

const PEAK_AT_US_DEFAULT = 50_400_000_000;
const PERIOD_US_DEFAULT = 86_400_000_000;
const REPLICAS_EVERY_US_DEFAULT = 300_000_000;
const BACKOFF_US_DEFAULT = { base: 10_000_000, cap: 600_000_000 };

const optional =
  (parse: (raw: unknown) => { value: number } | { expected: string }) =>
  (raw: unknown, otherwise: number): number =>
    raw === undefined ? otherwise : read(parse, raw);
const duration = optional(parseDuration);

/** What workloads are resolved against. */
export interface WorkloadSetting extends PodSetting {
  readonly horizonUs: number;
  readonly clusters: readonly Cluster[];
  readonly services: readonly KubeService[];
}

/** Resolves all workloads whose shape is right, in file order; sets become one workload for each name. */
export function resolveWorkloads(
  raws: readonly RawWorkload[],
  setting: WorkloadSetting,
  context: Context,
): Workload[] {
  const workloads: Workload[] = [];
  const seen = new Set<string>();
  for (const [i, raw] of raws.entries()) {
    const path = ['workloads', i];
    if (context.problems.isBroken(path)) continue;
    if (raw.kind === 'manifests') {
      for (const workload of manifests(raw, setting, { seen, path }, context)) {
        context.origins.set(workload, path);
        workloads.push(workload);
      }
      continue;
    }
    for (const name of context.expand(raw.name, [...path, 'name'])) {
      if (seen.has(name)) {
        const hint = `"${name}" is there twice`;
        context.problems.at([...path, 'name'], 'workload names that differ', { hint });
        continue;
      }
      seen.add(name);
      const filled = fillName({ ...raw, name }, name);
      const workload = isKubeWorkload(filled)
        ? kube(filled, setting, context, path)
        : filled.kind === 'service'
          ? service(filled, setting, context, path)
          : job(filled as RawJob, setting, context, path);
      context.origins.set(workload, path);
      workloads.push(workload);
    }
  }
  const snapshots = context.kube.workloads(setting, seen, context);
  for (const workload of snapshots) context.origins.set(workload, ['fleet', 'clusters']);
  return [...workloads, ...snapshots];
}

/** Workloads of the files of one entry, and those of all snapshots. */
function manifests(
  raw: Extract<RawWorkload, { kind: 'manifests' }>,
  setting: WorkloadSetting,
  at: { readonly seen: Set<string>; readonly path: Path },
  context: Context,
): Workload[] {
  const cluster = clusterFor(raw.cluster, setting.clusters, at.path, context);
  const input = context.kube.read(raw, { cluster, isSnapshot: false, path: at.path }, context);
  input.nodes();
  return context.kube.workloads(setting, at.seen, context, input);
}

function kube(
  raw: RawKubeWorkload,
  setting: WorkloadSetting,
  context: Context,
  path: Path,
): Workload {
  const parts = { ...setting, parts: context.kube };
  return resolveKubeWorkload(raw, common(raw, context, path), parts, context, path);
}

type NamedWorkload = Exclude<RawWorkload, { kind: 'manifests' }>;

function common(raw: NamedWorkload, context: Context, path: Path) {
  const { problems } = context;
  const at = { problems, path: [...path, 'startup'], parse: parseDuration };
  const backoff = raw.retryBackoff;
  const retryBackoffUs = backoff
    ? { base: read(parseDuration, backoff.base), cap: read(parseDuration, backoff.cap) }
    : BACKOFF_US_DEFAULT;
  if (retryBackoffUs.cap < retryBackoffUs.base) {
    problems.at([...path, 'retryBackoff', 'cap'], 'a duration of at least base');
  }
  return {
    name: raw.name,
    team: raw.team === undefined ? raw.name : context.named(raw.team, [...path, 'team']),
    onEviction: onEviction(raw.onEviction),
    retryLimit: raw.retryLimit ?? null,
    retryBackoffUs,
    startupUs: resolveLaw(raw.startup ?? '0s', at),
  };
}

function onEviction(raw: NamedWorkload['onEviction']): OnEviction {
  if (raw === undefined || typeof raw === 'string') return { kind: raw ?? 'restart' };
  return {
    kind: 'checkpoint',
    everyUs: read(parseDuration, raw.checkpoint.every),
    costUs: read(parseDuration, raw.checkpoint.cost),
  };
}

function service(
  raw: RawService,
  setting: WorkloadSetting,
  context: Context,
  path: Path,
): Workload {
  return {
    kind: 'service',
    ...common(raw, context, path),
    pod: resolvePod(raw.pod, setting, context, [...path, 'pod']),
    replicas: replicas(raw.replicas, context, [...path, 'replicas']),
  };
}

/** Resolves a number over time. */
export function replicas(raw: RawService['replicas'], { problems }: Context, path: Path): Replicas {
  if (typeof raw !== 'object') return { kind: 'constant', count: raw };
  if (raw.diurnal) {
    const { mean, peakToMean, peakAt, period, every } = raw.diurnal;
    return {
      kind: 'diurnal',
      mean,
      peakToMean,
      peakAtUs: duration(peakAt, PEAK_AT_US_DEFAULT),
      periodUs: duration(period, PERIOD_US_DEFAULT),
      everyUs: duration(every, REPLICAS_EVERY_US_DEFAULT),
    };
  }
  const steps = (raw.steps ?? []).map(({ at, count }) => ({
    atUs: read(parseDuration, at),
    count,
  }));
  for (const [i, step] of steps.entries()) {
    if (i > 0 && step.atUs <= steps[i - 1]!.atUs) {
      problems.at([...path, 'steps', i, 'at'], 'an instant after that of the step before');
    }
  }
  return { kind: 'steps', steps };
}

function job(raw: RawJob, setting: WorkloadSetting, context: Context, path: Path): Workload {
  const { problems } = context;
  const trace = raw.arrivals.trace;
  if (!trace && raw.duration === undefined) {
    const hint = 'add duration, which only a trace can leave out';
    problems.at([...path, 'duration'], 'a duration such as "5m", or a law', { hint });
  }
  if (!trace && raw.pod === undefined) {
    const hint = 'add pod, which only a trace can leave out';
    problems.at([...path, 'pod'], 'what a pod asks for, such as {cpu: 1, memory: 2Gi}', { hint });
  }
  if (raw.initial !== undefined && (trace || raw.kind === 'gang')) {
    const hint = 'initial pods are jobs of one pod with a drawn run time';
    problems.at([...path, 'initial'], 'no initial pods of a gang or a trace', {
      atKey: true,
      hint,
    });
  }
  const fromUs = duration(raw.from, 0);
  const untilUs = duration(raw.until, setting.horizonUs);
  if (untilUs <= fromUs) {
    const field = raw.until === undefined ? 'from' : 'until';
    const expected = field === 'until' ? 'an instant after from' : 'an instant before the horizon';
    problems.at([...path, field], expected);
  }
  // SWF and batsim count processors and say nothing else: one processor is one cpu unless the file says otherwise.
  const isProcessors = trace?.format === 'swf' || trace?.format === 'batsim';
  const rawPod = isProcessors ? { cpu: 1, ...raw.pod } : (raw.pod ?? {});
  return {
    kind: raw.kind,
    ...common(raw, context, path),
    pod: resolvePod(rawPod, setting, context, [...path, 'pod']),
    arrivals: arrivals(raw.arrivals, context, [...path, 'arrivals']),
    podsPerJob: resolveLaw((raw.podsPerJob ?? 1) as RawLaw, {
      problems,
      path: [...path, 'podsPerJob'],
      parse: parseNumber,
    }),
    durationUs: resolveLaw(raw.duration ?? 'forever', {
      problems,
      path: [...path, 'duration'],
      parse: parseDuration,
      parseConstant: parseDurationOrForever,
    }),
    durationPerJob: raw.durationPerJob ?? false,
    estimateFactor: raw.estimateFactor ?? 1,
    onRefusal: raw.onRefusal ?? 'wait',
    ...(raw.initial === undefined ? {} : { initial: initialPods(raw.initial) }),
    fromUs,
    untilUs,
  };
}

function initialPods({ pods, residual, over }: NonNullable<RawJob['initial']>) {
  const overUs = over === undefined ? {} : { overUs: read(parseDuration, over) };
  return { pods, residual: residual ?? ('equilibrium' as const), ...overUs };
}

function arrivals(raw: RawJob['arrivals'], context: Context, path: Path): Arrivals {
  if (raw.diurnal) {
    const { mean, peakToMean, peakAt, period } = raw.diurnal;
    return {
      kind: 'diurnal',
      perSecond: read(parseRate, mean),
      peakToMean,
      peakAtUs: duration(peakAt, PEAK_AT_US_DEFAULT),
      periodUs: duration(period, PERIOD_US_DEFAULT),
    };
  }
  if (raw.regular) return { kind: 'regular', everyUs: read(parseDuration, raw.regular.every) };
  if (raw.renewal) {
    const at = [...path, 'renewal', 'gap'];
    const { problems } = context;
    const gapUs = resolveLaw(raw.renewal.gap, { problems, path: at, parse: parseDuration });
    if (gapUs.law === 'constant' && gapUs.value === 0) {
      problems.at(at, 'gaps above 0', { hint: 'without gaps time never passes' });
    }
    return { kind: 'renewal', gapUs };
  }
  if (raw.trace) return { kind: 'trace', trace: traceUse(raw.trace, context, [...path, 'trace']) };
  return { kind: 'poisson', perSecond: read(parseRate, raw.poisson) };
}

function traceUse(
  raw: NonNullable<RawJob['arrivals']['trace']>,
  context: Context,
  path: Path,
): TraceUse {
  if (raw.inflateTo !== undefined && raw.format !== 'openb') {
    context.problems.at([...path, 'inflateTo'], 'no such field without format: openb', {
      atKey: true,
    });
  }
  return {
    format: raw.format,
    path: context.dataPath(raw.path, [...path, 'path']) ?? raw.path,
    limit: raw.limit ?? null,
    speedup: raw.speedup ?? 1,
    inflateTo:
      raw.inflateTo === undefined
        ? null
        : read((written) => parseRatio(written, SHARE_MAX), raw.inflateTo),
  };
}
