/** From the controllers of a scenario to those of a cluster: templates become shapes, objects of the API become keys. */
import { asWorkload, type NodeIndex } from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';
import { kubeOf } from '../model/kube-pods.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import { matchesRequiredAffinity } from '../policies/kubernetes/selectors.ts';
import { CronJobController } from '../processes/kubernetes/controllers/cron-job.ts';
import { DaemonSetController } from '../processes/kubernetes/controllers/daemon-set.ts';
import { DeploymentController } from '../processes/kubernetes/controllers/deployment.ts';
import type { Template } from '../processes/kubernetes/controllers/facts.ts';
import type { ControllerHost } from '../processes/kubernetes/controllers/host.ts';
import type { JobRule } from '../processes/kubernetes/controllers/job.ts';
import { JobController } from '../processes/kubernetes/controllers/job-controller.ts';
import { ReplicaSetController } from '../processes/kubernetes/controllers/replica-set.ts';
import {
  ordinalOf,
  StatefulSetController,
} from '../processes/kubernetes/controllers/stateful-set.ts';
import { keyOf } from '../random/draw.ts';
import type {
  Controller,
  CronJob,
  DaemonSet,
  Deployment,
  InitialPod,
  JobSpec,
  KubeEvent,
} from '../scenario/kubernetes/objects.ts';
import type { PodSpec } from '../scenario/scenario.ts';
import { shapeOf } from './quantities.ts';

/** Any controller that runs in a cluster. */
export type RunningController =
  | DeploymentController
  | ReplicaSetController
  | StatefulSetController
  | DaemonSetController
  | JobController
  | CronJobController;

/** A controller that was made, and what its later events need. */
export interface MadeController {
  readonly object: Controller;
  readonly running: RunningController;
  /** Number of a template among all that it ever has. */
  numberOf(template: PodSpec, isBroken: boolean): number;
}

/** What controllers are made with. */
export interface MakeParts {
  readonly host: ControllerHost;
  readonly shapes: ShapeTable;
  readonly resources: ResourceTable;
  /** Index of a workload of the scenario by name. */
  workloadOf(name: string): number;
  /** Rollouts of the controller's workload, in order. */
  readonly events: readonly KubeEvent[];
  /** Microseconds since 1970 at which the run starts. */
  readonly epochUs: number;
}

/** Midnight of 1 January 2026 in UTC, a Thursday: where a run starts for schedules that name days. */
export const EPOCH_US = 1_767_225_600_000_000;

/** Makes one controller. */
export function makeController(object: Controller, parts: MakeParts): MadeController {
  const templates = new Templates(object, parts);
  return {
    object,
    running: start(object, templates.all, parts),
    numberOf: (template, isBroken) => templates.numberOf(template, isBroken),
  };
}

/** Every template that a controller ever has, numbered; equal ones have one number. */
class Templates {
  readonly all: Template[] = [];
  private readonly keys: string[] = [];
  private readonly parts: MakeParts;
  private readonly isHashed: boolean;

  constructor(object: Controller, parts: MakeParts) {
    this.parts = parts;
    this.isHashed = object.kind === 'deployment';
    this.numberOf(object.template, false);
    if (object.kind === 'deployment') {
      for (const { template } of object.revisions) this.numberOf(template, false);
    }
    for (const event of parts.events) {
      if (event.kind === 'rollout' && event.workload === object.workload) {
        this.numberOf(event.template, event.isBroken);
      }
    }
  }

  numberOf(template: PodSpec, isBroken: boolean): number {
    const key = JSON.stringify([template, isBroken]);
    const known = this.keys.indexOf(key);
    if (known >= 0) return known;
    const { resources, shapes } = this.parts;
    const shape = shapes.intern(shapeOf(this.hashed(template, key), resources));
    this.all.push({ shape, isBroken });
    return this.keys.push(key) - 1;
  }

  /** The label that tells the pods of one ReplicaSet from those of the next. */
  private hashed(template: PodSpec, key: string): PodSpec {
    const { kube } = template;
    if (!this.isHashed || kube === undefined) return template;
    const hash = keyOf(key).toString(36).slice(0, 10);
    return {
      ...template,
      kube: { ...kube, labels: { ...kube.labels, 'pod-template-hash': hash } },
    };
  }
}

function start(object: Controller, templates: readonly Template[], parts: MakeParts) {
  const { host } = parts;
  const workload = asWorkload(parts.workloadOf(object.workload));
  const common = { name: object.name, workload, templates, minReadyUs: 0 };
  switch (object.kind) {
    case 'deployment':
      return startDeployment(object, { ...common, minReadyUs: object.minReadyUs }, parts);
    case 'replicaset': {
      const { minReadyUs, replicas } = object;
      return new ReplicaSetController(host, {
        ...common,
        minReadyUs,
        template: 0,
        replicas,
        desired: replicas,
        most: replicas,
        revision: 1,
        owner: null,
      });
    }
    case 'statefulset': {
      const { firstOrdinal, isParallel, minReadyUs, replicas, update } = object;
      const partition = update.kind === 'on-delete' ? null : update.partition;
      const sized = { ...common, minReadyUs, replicas, firstOrdinal, isParallel, partition };
      return new StatefulSetController(host, { ...sized, kind: 'statefulset' });
    }
    case 'daemonset':
      return startDaemonSet(object, { ...common, minReadyUs: object.minReadyUs }, parts);
    case 'kube-job':
      return new JobController(host, {
        workload,
        template: templates[0]!,
        rule: ruleOf(object.job),
      });
    case 'cronjob':
      return startCronJob(object, common, parts);
  }
}

interface CommonFacts {
  readonly name: string;
  readonly workload: ReturnType<typeof asWorkload>;
  readonly templates: readonly Template[];
  readonly minReadyUs: number;
}

function startDeployment(object: Deployment, common: CommonFacts, parts: MakeParts) {
  const { isPaused, replicas, revisions, strategy } = object;
  const templates = new Templates(object, parts);
  return new DeploymentController(parts.host, {
    ...common,
    kind: 'deployment',
    replicas,
    strategy,
    isPaused,
    sets: revisions.map((revision) => ({
      template: templates.numberOf(revision.template, false),
      replicas: revision.replicas,
      createdAtUs: revision.createdAtUs,
    })),
  });
}

function startDaemonSet(object: DaemonSet, common: CommonFacts, parts: MakeParts) {
  const { host, resources, shapes } = parts;
  const { update } = object;
  const facts = {
    ...common,
    kind: 'daemonset',
    update: update.kind === 'on-delete' ? null : update,
    shapeOn: (template: number, node: number): PodShape => {
      const { shape } = common.templates[template]!;
      const name = host.run.cluster.nodeName(node as NodeIndex);
      return shapes.intern({ ...shape, kube: boundTo(kubeOf(shape, resources), name) });
    },
  } as const;
  return new DaemonSetController(host, facts, (shape, n, nodes) =>
    matchesRequiredAffinity(shape, kubeOf(shape, resources), nodes, n),
  );
}

/** A daemon's pod asks for its node by name, in place of what its template asks for. */
function boundTo(kube: KubePod, name: string): KubePod {
  const byName = { key: 'metadata.name', operator: 'In', values: [name] } as const;
  return {
    ...kube,
    nodeAffinity: {
      required: [{ expressions: [], fields: [byName] }],
      preferred: kube.nodeAffinity?.preferred ?? [],
    },
  };
}

function startCronJob(object: CronJob, common: CommonFacts, parts: MakeParts) {
  const { concurrency, isSuspended, job, schedule, startingDeadlineUs } = object;
  const facts = {
    ...common,
    kind: 'cronjob',
    cron: schedule,
    epochUs: parts.epochUs,
    concurrency,
    startingDeadlineUs,
    isSuspended,
    job: ruleOf(job),
  } as const;
  return new CronJobController(
    parts.host,
    facts,
    object.lastScheduledAtUs ?? Math.max(0, object.createdAtUs),
  );
}

function ruleOf(job: JobSpec): JobRule {
  const { isIndexed, isSuspended, parallelism, replacesOnlyFailed } = job;
  return {
    completions: job.completions,
    parallelism,
    isIndexed,
    backoffLimit: job.backoffLimit,
    backoffLimitPerIndex: job.backoffLimitPerIndex,
    maxFailedIndexes: job.maxFailedIndexes,
    activeDeadlineUs: job.activeDeadlineUs,
    replacesOnlyFailed,
    isSuspended,
  };
}

/** Which key looks after a pod that was there at the start; null if none does. */
export function ownerOf(
  made: MadeController,
  pod: InitialPod,
  node: number,
): { readonly owner: number; readonly template: number; readonly ordinal: number } | null {
  const { object, running } = made;
  const owner = running.keys()[0];
  if (running instanceof DeploymentController && object.kind === 'deployment') {
    // By name: the pod has more in it than its template, since the API server filled it in.
    const revision = object.revisions.find(({ name }) => name === pod.owner);
    const template = revision === undefined ? 0 : made.numberOf(revision.template, false);
    const key = running.keyOf(template);
    return key === undefined ? null : { owner: key, template, ordinal: -1 };
  }
  if (owner === undefined) return null;
  const ordinal =
    object.kind === 'statefulset' ? ordinalOf(pod.name) : object.kind === 'daemonset' ? node : -1;
  return { owner, template: 0, ordinal };
}
