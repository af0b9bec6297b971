/** Controllers of Kubernetes' files become controllers as data, each with its workload. */
import type * as z from 'zod';
import type { Issue } from '../../base/errors.ts';
import type { LabelSelector, Requirement } from '../../base/kube.ts';
import type { Path } from '../located.ts';
import type { IssueMore } from '../problems.ts';
import type { PodSetting } from '../resolve-pod.ts';
import { resolvePod } from '../resolve-pod.ts';
import type { PodSpec } from '../scenario.ts';
import type { RawPod } from '../schema.ts';
import {
  cronJobFields,
  daemonSetFields,
  deploymentFields,
  jobSpecFields,
  ordinalFields,
  replicaSetFields,
  statefulSetFields,
} from '../schema-kube-workloads.ts';
import type { WrittenObject } from './documents.ts';
import { Fields } from './fields.ts';
import type { KubeInput } from './input.ts';
import type { Controller, Revision } from './objects.ts';
import { readName } from './read-objects.ts';
import { type InUse, type ReadPod, readPodSpec, specPath } from './read-pod.ts';
import {
  type ControllerBase,
  type ControllerPlace,
  type RawJobSpec,
  resolveCronJob,
  resolveDaemonSet,
  resolveDeployment,
  resolveJob,
  resolveReplicaSet,
  resolveStatefulSet,
} from './resolve-controllers.ts';
import { parseTimestamp } from './time.ts';

/** A controller as it was read, with the path back to the object. */
export interface ReadController {
  readonly controller: Controller;
  /** Its template as a scenario would write it: what a later release changes. */
  readonly raw: RawPod;
}

/** What pods of the files are resolved against, beyond what those of the scenario are. */
export interface FileSetting extends PodSetting {
  /** Class of pods that name none; null if no class is the default. */
  readonly defaultClass: string | null;
}

/** How a pod or a template is read. */
export interface PodOptions {
  readonly namespace: string;
  readonly inUse?: InUse;
}

/** Labels that tell pods of one controller apart, or copies of it: nothing that is modelled selects by them. */
const OWN_LABELS = [
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
  'controller-uid',
  'statefulset.kubernetes.io/pod-name',
];

/** Reads what the input says of workloads. */
export class ControllerReader {
  private readonly input: KubeInput;
  private readonly setting: FileSetting;
  /** The instant of the snapshot, microseconds since 1970. */
  private readonly nowUs: number;
  /** `namespace/name` of the claims of the files. */
  private readonly claims: ReadonlySet<string>;
  private lastRaw: RawPod = {};

  constructor(input: KubeInput, setting: FileSetting, nowUs: number) {
    this.input = input;
    this.setting = setting;
    this.nowUs = nowUs;
    this.claims = new Set(
      input.objects('PersistentVolumeClaim').map((object) => {
        const { name, namespace } = namesOf(object);
        return `${namespace}/${name}`;
      }),
    );
  }

  /** An instant relative to the snapshot, 0 or before; 0 where none is written. */
  ago(fields: Fields, key: string): number {
    const text = fields.text(key);
    if (text === undefined || !this.input.use.isSnapshot) return 0;
    const at = parseTimestamp(text);
    if (at === null) fields.fail(key, 'an instant such as "2026-07-20T08:15:00Z"');
    return at === null ? 0 : Math.min(0, at - this.nowUs);
  }

  /** Reads a pod or a template whose metadata and spec are given. */
  pod(metadata: Fields, spec: Fields, options: PodOptions): PodSpec {
    const labels = metadata.texts('labels');
    for (const label of OWN_LABELS) {
      if (!Object.hasOwn(labels, label)) continue;
      delete labels[label];
      this.input.losses.note('labels that tell pods of one controller apart: left out');
    }
    const read = readPodSpec(spec, { namespace: options.namespace, labels }, options.inUse);
    const { nodeName: _, ...raw } = read.raw;
    const volumes = (read.raw.volumes ?? []).filter(({ claim }) => this.isKnown(claim, options));
    return this.resolve({ ...read, raw: { ...raw, volumes } as RawPod }, spec);
  }

  /** A claim that nobody printed must not keep its pods from every node. */
  private isKnown(claim: string | undefined, { namespace }: PodOptions): boolean {
    if (claim === undefined || this.claims.has(`${namespace}/${claim}`)) return true;
    this.input.losses.note('volumes whose claims are not in the files: left out');
    return false;
  }

  private resolve(read: ReadPod, spec: Fields): PodSpec {
    const { priority, raw } = read;
    const { defaultClass } = this.setting;
    const priorityClass = raw.priorityClass ?? defaultClass ?? undefined;
    const isGiven = priority !== undefined && priorityClass !== undefined;
    const classes = isGiven
      ? { ...this.setting.classes, [priorityClass]: priority }
      : this.setting.classes;
    const named: RawPod = priorityClass === undefined ? raw : { ...raw, priorityClass };
    this.lastRaw = named;
    const pod = resolvePod(named, { ...this.setting, classes }, this.noter(spec), []);
    return priority === undefined ? pod : { ...pod, priority };
  }

  /** Notes issues of a pod where its fields stand in the file. */
  private noter(spec: Fields) {
    const { findings } = this.input;
    return {
      problems: {
        at: (path: Path, expected: string, more: IssueMore = {}): void => {
          const { hint, value } = more;
          const at = [...spec.path, ...specPath(path)];
          const issue: Issue = spec.document.issueAt(at, expected, {
            ...(hint === undefined ? {} : { hint }),
            ...(value === undefined ? {} : { value }),
          });
          findings.issue(issue);
        },
      },
    };
  }

  /** Reads the template of a controller and all that controllers have in common. */
  private base(fields: Fields, template: Fields): ControllerBase & { restartPolicy?: string } {
    const { name, namespace } = readName(fields);
    const createdAtUs = this.ago(fields.map('metadata'), 'creationTimestamp');
    const metadata = template.map('metadata').ignore('annotations', 'creationTimestamp', 'name');
    const pod = this.pod(metadata, template.map('spec'), { namespace });
    const { cluster } = this.input.use;
    return { cluster, namespace, name, workload: '', template: pod, createdAtUs };
  }

  private place(spec: Fields): ControllerPlace {
    return {
      path: [],
      note: (path, expected, hint) => {
        const issue = spec.document.issueAt(
          [...spec.path, ...path],
          expected,
          hint ? { hint } : {},
        );
        this.input.findings.issue(issue);
      },
    };
  }

  /** All controllers of the files but those that another one owns. */
  all(): ReadController[] {
    const { input } = this;
    const revisions = this.revisions();
    const read = (kind: string, of: (spec: Fields, fields: Fields) => Controller | null) =>
      input.each(kind, (fields): ReadController | null => {
        const controller = of(fields.map('spec'), fields);
        return controller === null ? null : { controller, raw: this.lastRaw };
      });
    return [
      ...read('Deployment', (spec, fields) => {
        fields.ignore('status');
        spec.ignore('revisionHistoryLimit', 'progressDeadlineSeconds');
        const base = this.base(fields, spec.map('template'));
        const own = revisions.get(`${base.namespace}/${base.name}`) ?? [];
        const raw = shapedBy(spec, deploymentFields);
        const read = withSpread(resolveDeployment(raw, base, this.place(spec)));
        return { ...read, revisions: own.map((one) => asRevisionOf(read, one)) };
      }),
      ...read('ReplicaSet', (spec, fields) => this.replicaSet(spec, fields)),
      ...read('StatefulSet', (spec, fields) => {
        fields.ignore('status');
        spec.ignore('serviceName', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy');
        const base = this.base(fields, spec.map('template'));
        const raw = shapedBy(spec, { ...statefulSetFields, ...ordinalFields });
        return withSpread(resolveStatefulSet(raw, base, this.place(spec)));
      }),
      ...read('DaemonSet', (spec, fields) => {
        fields.ignore('status');
        spec.ignore('revisionHistoryLimit', 'templateGeneration');
        const base = this.base(fields, spec.map('template'));
        return resolveDaemonSet(shapedBy(spec, daemonSetFields), base, this.place(spec));
      }),
      ...read('Job', (spec, fields) => this.job(spec, fields)),
      ...read('CronJob', (spec, fields) => this.cronJob(spec, fields)),
    ];
  }

  /** ReplicaSets of Deployments, by `namespace/name` of the Deployment, oldest first. */
  private revisions(): Map<string, Revision[]> {
    const byOwner = new Map<string, Revision[]>();
    for (const object of this.input.objects('ReplicaSet')) {
      const owner = ownerOf(object);
      if (owner?.kind !== 'Deployment') continue;
      const fields = Fields.of(object, this.input.findings);
      const spec = fields.map('spec');
      const base = this.base(fields, spec.map('template'));
      const { annotations } = (object.fields.metadata ?? {}) as { annotations?: Annotations };
      const revision: Revision = {
        name: base.name,
        number: Number(annotations?.['deployment.kubernetes.io/revision'] ?? 0) || 0,
        template: base.template,
        replicas: spec.whole('replicas') ?? 1,
        createdAtUs: base.createdAtUs,
      };
      const key = `${base.namespace}/${owner.name}`;
      byOwner.set(key, [...(byOwner.get(key) ?? []), revision]);
    }
    for (const list of byOwner.values()) {
      list.sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
    }
    return byOwner;
  }

  private replicaSet(spec: Fields, fields: Fields): Controller | null {
    fields.ignore('status');
    const metadata = fields.map('metadata').ignore('ownerReferences');
    if (hasController(metadata)) {
      // Read as a revision of its Deployment.
      this.input.losses.read('ReplicaSet');
      return null;
    }
    const base = this.base(fields, spec.map('template'));
    return withSpread(resolveReplicaSet(shapedBy(spec, replicaSetFields), base, this.place(spec)));
  }

  private job(spec: Fields, fields: Fields): Controller | null {
    const { losses } = this.input;
    const metadata = fields.map('metadata');
    const status = fields.map('status').ignore('startTime', 'active', 'ready', 'terminating');
    status.ignore('uncountedTerminatedPods', 'completionTime', 'conditions');
    const isDone = status
      .list('conditions')
      .some(
        (one) =>
          ['Complete', 'Failed'].includes(one.text('type') ?? '') && one.text('status') === 'True',
      );
    if (isDone) losses.note('Jobs that have finished: left out');
    else if (hasController(metadata)) {
      losses.note('Jobs of CronJobs that run already: their pods end, none is made for them');
    }
    if (isDone || hasController(metadata)) return null;
    spec.ignore('selector', 'manualSelector', 'managedBy');
    const base = this.base(fields, spec.map('template'));
    return resolveJob(this.jobSpec(spec), base, this.place(spec));
  }

  private jobSpec(spec: Fields): RawJobSpec {
    return shapedBy(spec.ignore('ttlSecondsAfterFinished'), jobSpecFields);
  }

  private cronJob(spec: Fields, fields: Fields): Controller | null {
    const status = fields.map('status').ignore('active', 'lastSuccessfulTime');
    const last = status.has('lastScheduleTime') ? this.ago(status, 'lastScheduleTime') : null;
    if (spec.has('timeZone')) {
      this.input.losses.note('time zones of CronJobs: their schedules are taken as UTC');
      spec.ignore('timeZone');
    }
    spec.ignore('successfulJobsHistoryLimit', 'failedJobsHistoryLimit');
    const jobSpec = spec.map('jobTemplate').ignore('metadata').map('spec');
    const base = this.base(fields, jobSpec.map('template'));
    const raw = { ...shapedBy(spec, cronJobFields), job: this.jobSpec(jobSpec) };
    return resolveCronJob(raw, base, this.place(spec), last);
  }
}

type Annotations = Readonly<Record<string, unknown>>;

/** The fields of an object that a schema knows. */
function shapedBy<S extends z.ZodRawShape>(
  fields: Fields,
  shape: S,
): Partial<z.infer<z.ZodObject<S>>> {
  const raw: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    if (!fields.has(key)) continue;
    const value = fields.shaped(key, schema as z.ZodType);
    if (value !== undefined) raw[key] = value;
  }
  return raw as Partial<z.infer<z.ZodObject<S>>>;
}

/** Adds a controller's selector to what the system's default spreading selects pods by. */
export function withSpread<T extends Controller>(controller: T): T {
  const { kube } = controller.template;
  if (kube === undefined) return controller;
  const defaultSpreadSelector = both(kube.defaultSpreadSelector, controller.selector);
  return {
    ...controller,
    template: { ...controller.template, kube: { ...kube, defaultSpreadSelector } },
  };
}

/** A revision whose template can be compared with the Deployment's: without its hash, with the same default spreading. */
function asRevisionOf({ selector }: Controller, revision: Revision): Revision {
  const { kube } = revision.template;
  if (kube === undefined) return revision;
  const { 'pod-template-hash': _, ...labels } = kube.labels;
  const defaultSpreadSelector = both(kube.defaultSpreadSelector, selector);
  return {
    ...revision,
    template: { ...revision.template, kube: { ...kube, labels, defaultSpreadSelector } },
  };
}

/** What both selectors select; nil adds nothing. */
export function both(one: LabelSelector, other: LabelSelector): LabelSelector {
  if (one === null || other === null) return one ?? other;
  const known = new Set(one.map((requirement) => JSON.stringify(requirement)));
  const added = other.filter((requirement: Requirement) => !known.has(JSON.stringify(requirement)));
  return [...one, ...added];
}

/** The controller that owns an object. */
export function ownerOf(object: WrittenObject): { kind: string; name: string } | null {
  const { ownerReferences } = (object.fields.metadata ?? {}) as { ownerReferences?: unknown };
  if (!Array.isArray(ownerReferences)) return null;
  const owner = ownerReferences.find((one) => one?.controller === true);
  if (typeof owner?.kind !== 'string' || typeof owner.name !== 'string') return null;
  return { kind: owner.kind, name: owner.name };
}

function hasController(metadata: Fields): boolean {
  return metadata.list('ownerReferences').some((owner) => {
    owner.ignore('apiVersion', 'kind', 'name', 'uid', 'blockOwnerDeletion');
    return owner.flag('controller');
  });
}

/** Name and namespace of an object as they were written. */
export function namesOf(object: WrittenObject): { name: string; namespace: string } {
  const { name, namespace } = (object.fields.metadata ?? {}) as Record<string, unknown>;
  return {
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default',
  };
}
