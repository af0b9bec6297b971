/** Controllers as written, in a scenario or in a manifest, become data with Kubernetes' defaults. */
import type * as z from 'zod';
import type { LabelSelector, Requirement } from '../../base/kube.ts';
import type { Path } from '../located.ts';
import type { PodSpec } from '../scenario.ts';
import type {
  cronJobFields,
  daemonSetFields,
  deploymentFields,
  jobSpecFields,
  ordinalFields,
  replicaSetFields,
  statefulSetFields,
} from '../schema-kube-workloads.ts';
import { parseCron } from './cron.ts';
import type {
  CountOrPercent,
  CronJob,
  DaemonSet,
  Deployment,
  JobSpec,
  KubeJob,
  ReplicaSet,
  Revision,
  StatefulSet,
} from './objects.ts';
import { type Note, resolveSelector } from './selectors.ts';

type FieldsOf<S extends z.ZodRawShape> = Partial<z.infer<z.ZodObject<S>>>;
type RawSelector = FieldsOf<typeof deploymentFields>['selector'];
/** The fields of a Job as written. */
export type RawJobSpec = FieldsOf<typeof jobSpecFields>;

/** What every controller has. */
export interface ControllerBase {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
  readonly template: PodSpec;
  readonly createdAtUs: number;
}

/** Where a controller was written. */
export interface ControllerPlace {
  readonly path: Path;
  readonly note: Note;
}

const INT32_MAX = 2_147_483_647;
const SECOND_US = 1e6;

function common(base: ControllerBase, selector: RawSelector, { path, note }: ControllerPlace) {
  const labels = base.template.kube?.labels ?? {};
  const own: LabelSelector = Object.keys(labels)
    .sort()
    .map((key): Requirement => ({ key, operator: 'In', values: [labels[key]!] }));
  return {
    ...base,
    selector: selector ? resolveSelector(selector, [...path, 'selector'], note) : own,
  };
}

/** Reads a number of pods, or a percentage that a schema has checked. */
export function countOrPercentOf(raw: number | string): CountOrPercent {
  return typeof raw === 'number'
    ? { kind: 'count', count: raw }
    : { kind: 'percent', percent: Number(raw.slice(0, -1)) };
}

function us(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * SECOND_US;
}

/** Resolves a Deployment. */
export function resolveDeployment(
  raw: FieldsOf<typeof deploymentFields>,
  base: ControllerBase,
  place: ControllerPlace,
  revisions: readonly Revision[] = [],
): Deployment {
  const { strategy = {} } = raw;
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {};
  const at = [...place.path, 'strategy', 'rollingUpdate'];
  if (strategy.type === 'Recreate' && strategy.rollingUpdate) {
    place.note(at, 'no such field with type: Recreate');
  }
  return {
    kind: 'deployment',
    ...common(base, raw.selector, place),
    replicas: raw.replicas ?? 1,
    strategy:
      strategy.type === 'Recreate'
        ? { kind: 'recreate' }
        : {
            kind: 'rolling-update',
            maxSurge: countOrPercentOf(maxSurge),
            maxUnavailable: countOrPercentOf(maxUnavailable),
          },
    minReadyUs: us(raw.minReadySeconds) ?? 0,
    isPaused: raw.paused ?? false,
    revisions,
  };
}

/** Resolves a ReplicaSet. */
export function resolveReplicaSet(
  raw: FieldsOf<typeof replicaSetFields>,
  base: ControllerBase,
  place: ControllerPlace,
): ReplicaSet {
  return {
    kind: 'replicaset',
    ...common(base, raw.selector, place),
    replicas: raw.replicas ?? 1,
    minReadyUs: us(raw.minReadySeconds) ?? 0,
  };
}

/** Resolves a StatefulSet. */
export function resolveStatefulSet(
  raw: FieldsOf<typeof statefulSetFields & typeof ordinalFields>,
  base: ControllerBase,
  place: ControllerPlace,
): StatefulSet {
  const { updateStrategy = {} } = raw;
  return {
    kind: 'statefulset',
    ...common(base, raw.selector, place),
    replicas: raw.replicas ?? 1,
    firstOrdinal: raw.ordinals?.start ?? 0,
    isParallel: raw.podManagementPolicy === 'Parallel',
    update:
      updateStrategy.type === 'OnDelete'
        ? { kind: 'on-delete' }
        : { kind: 'rolling-update', partition: updateStrategy.rollingUpdate?.partition ?? 0 },
    minReadyUs: us(raw.minReadySeconds) ?? 0,
  };
}

/** Keys of the taints that every pod of a DaemonSet bears, with their effects. */
const DAEMON_TOLERATIONS = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
] as const;

/** Resolves a DaemonSet; its template gets the tolerations that its controller adds. */
export function resolveDaemonSet(
  raw: FieldsOf<typeof daemonSetFields>,
  base: ControllerBase,
  place: ControllerPlace,
): DaemonSet {
  const { updateStrategy = {} } = raw;
  const { maxSurge = 0, maxUnavailable = 1 } = updateStrategy.rollingUpdate ?? {};
  return {
    kind: 'daemonset',
    ...common({ ...base, template: daemonTemplate(base.template) }, raw.selector, place),
    update:
      updateStrategy.type === 'OnDelete'
        ? { kind: 'on-delete' }
        : {
            kind: 'rolling-update',
            maxSurge: countOrPercentOf(maxSurge),
            maxUnavailable: countOrPercentOf(maxUnavailable),
          },
    minReadyUs: us(raw.minReadySeconds) ?? 0,
  };
}

/** A pod of a DaemonSet as its controller makes it. */
export function daemonTemplate(template: PodSpec): PodSpec {
  const added = DAEMON_TOLERATIONS.filter(
    ([key, effect]) => !template.tolerations.some((t) => t.key === key && t.effect === effect),
  ).map(([key, effect]) => ({ key, operator: 'Exists' as const, value: '', effect }));
  return { ...template, tolerations: [...template.tolerations, ...added] };
}

/** Resolves a Job. */
export function resolveJob(raw: RawJobSpec, base: ControllerBase, place: ControllerPlace): KubeJob {
  return {
    kind: 'kube-job',
    ...base,
    selector: null,
    job: resolveJobSpec(raw, place),
  };
}

/** Resolves a CronJob. */
export function resolveCronJob(
  raw: FieldsOf<typeof cronJobFields> & { readonly job?: RawJobSpec },
  base: ControllerBase,
  place: ControllerPlace,
  lastScheduledAtUs: number | null = null,
): CronJob | null {
  const schedule = parseCron(raw.schedule ?? '');
  if (schedule === null) {
    place.note([...place.path, 'schedule'], 'a cron schedule such as "*/5 * * * *"');
    return null;
  }
  return {
    kind: 'cronjob',
    ...base,
    selector: null,
    schedule,
    concurrency: raw.concurrencyPolicy ?? 'Allow',
    startingDeadlineUs: us(raw.startingDeadlineSeconds),
    isSuspended: raw.suspend ?? false,
    lastScheduledAtUs,
    job: resolveJobSpec(raw.job ?? {}, { ...place, path: [...place.path, 'job'] }),
  };
}

/** Resolves what a Job does. */
export function resolveJobSpec(raw: RawJobSpec, { path, note }: ControllerPlace): JobSpec {
  const isWorkQueue = raw.completions === undefined && raw.parallelism !== undefined;
  const completions = isWorkQueue ? null : (raw.completions ?? 1);
  const isIndexed = raw.completionMode === 'Indexed';
  if (isIndexed && completions === null) {
    note([...path, 'completions'], 'a number of completions with completionMode: Indexed');
  }
  if (!isIndexed) {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (raw[field] !== undefined) {
        note([...path, field], 'no such field without completionMode: Indexed');
      }
    }
  }
  const limitDefault = raw.backoffLimitPerIndex === undefined ? 6 : INT32_MAX;
  return {
    completions,
    parallelism: raw.parallelism ?? 1,
    isIndexed,
    backoffLimit: raw.backoffLimit ?? limitDefault,
    backoffLimitPerIndex: raw.backoffLimitPerIndex ?? null,
    maxFailedIndexes: raw.maxFailedIndexes ?? null,
    activeDeadlineUs: us(raw.activeDeadlineSeconds),
    replacesOnlyFailed: raw.podReplacementPolicy === 'Failed',
    isSuspended: raw.suspend ?? false,
  };
}
