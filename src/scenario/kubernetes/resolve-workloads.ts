/** Workloads that a scenario writes as controllers of Kubernetes become workloads and controllers. */
import type { Distribution } from '../../base/distribution.ts';
import { parseDuration } from '../../base/units.ts';
import type { Context } from '../context.ts';
import type { Path } from '../located.ts';
import { resolveLaw } from '../resolve-laws.ts';
import { type PodSetting, resolvePod } from '../resolve-pod.ts';
import type { Cluster, Workload } from '../scenario.ts';
import type { RawWorkload } from '../schema.ts';
import { parseDurationOrForever } from '../schema-values.ts';
import { clusterFor, type KubeParts } from './inputs.ts';
import type { Controller } from './objects.ts';
import { withSpread } from './read-controllers.ts';
import {
  type ControllerBase,
  resolveCronJob,
  resolveDaemonSet,
  resolveDeployment,
  resolveJob,
  resolveStatefulSet,
} from './resolve-controllers.ts';

/** A workload that is one of Kubernetes' controllers. */
export type RawKubeWorkload = Exclude<
  RawWorkload,
  { kind: 'service' | 'job' | 'gang' | 'manifests' }
>;

/** What such a workload is resolved against. */
export interface KubeSetting extends PodSetting {
  readonly horizonUs: number;
  readonly clusters: readonly Pick<Cluster, 'name'>[];
}

/** True for a workload that is one of Kubernetes' controllers. */
export function isKubeWorkload(raw: RawWorkload): raw is RawKubeWorkload {
  return ['deployment', 'statefulset', 'daemonset', 'kube-job', 'cronjob'].includes(raw.kind);
}

type Common = Pick<
  Workload,
  'name' | 'team' | 'onEviction' | 'retryLimit' | 'retryBackoffUs' | 'startupUs'
>;

/** Resolves one; its controller joins the parts. */
export function resolveKubeWorkload(
  raw: RawKubeWorkload,
  common: Common,
  setting: KubeSetting & { readonly parts: KubeParts },
  context: Context,
  path: Path,
): Workload {
  const cluster = clusterFor(raw.cluster, setting.clusters, path, context);
  // A pod of a controller has labels, or its controller would not know it.
  const labels = raw.pod.labels ?? { app: raw.name };
  const rawPod = { ...raw.pod, labels };
  const pod = resolvePod(rawPod, setting, context, [...path, 'pod']);
  setting.parts.raws.set(raw.name, rawPod);
  const controller = controllerOf(
    raw,
    {
      cluster,
      namespace: raw.pod.namespace ?? 'default',
      name: raw.name,
      workload: raw.name,
      template: pod,
      createdAtUs: 0,
    },
    context,
    path,
  );
  if (controller !== null) setting.parts.controllers.push(controller);
  const all = { ...common, pod: controller?.template ?? pod, cluster, isControlled: true };
  if (raw.kind === 'kube-job' || raw.kind === 'cronjob') {
    const durationUs: Distribution = resolveLaw(raw.duration, {
      problems: context.problems,
      path: [...path, 'duration'],
      parse: parseDuration,
      parseConstant: parseDurationOrForever,
    });
    return {
      kind: 'job',
      ...all,
      arrivals: { kind: 'none' },
      podsPerJob: { law: 'constant', value: 1 },
      durationUs,
      durationPerJob: false,
      estimateFactor: 1,
      onRefusal: 'wait',
      fromUs: 0,
      untilUs: setting.horizonUs,
    };
  }
  const count = raw.kind === 'daemonset' ? 0 : (raw.replicas ?? 1);
  return { kind: 'service', ...all, replicas: { kind: 'constant', count } };
}

function controllerOf(
  raw: RawKubeWorkload,
  base: ControllerBase,
  context: Context,
  path: Path,
): Controller | null {
  const place = {
    path,
    note: (at: Path, expected: string, hint?: string) =>
      context.problems.at(at, expected, hint === undefined ? {} : { hint }),
  };
  switch (raw.kind) {
    case 'deployment':
      return withSpread(resolveDeployment(raw, base, place));
    case 'statefulset':
      return withSpread(resolveStatefulSet(raw, base, place));
    case 'daemonset':
      return resolveDaemonSet(raw, base, place);
    case 'kube-job':
      return resolveJob(raw, base, place);
    case 'cronjob':
      return resolveCronJob(raw, base, place);
  }
}
