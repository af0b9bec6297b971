/** Objects that a scenario writes itself become data, and join those of its files. */
import type { Context } from '../context.ts';
import type { RawScenario } from '../schema.ts';
import type { KubeNamespace, KubernetesObjects, KubeService } from './objects.ts';
import { resolveMaintenance, resolveRollouts } from './resolve-events.ts';
import { resolveImagePulls, resolveLoads } from './resolve-load.ts';
import { resolveAutoscalers, resolveBudgets } from './resolve-scaling.ts';

/** Resolves services: they are in every cluster. */
export function resolveServices(raws: RawScenario['services']): KubeService[] {
  return (raws ?? []).map(({ name, namespace = 'default', selector }) => ({
    cluster: null,
    namespace,
    name,
    selector,
  }));
}

/** Resolves namespaces: they are in every cluster. */
export function resolveNamespaces(raws: RawScenario['namespaces']): KubeNamespace[] {
  return (raws ?? []).map(({ name, labels = {} }) => ({
    cluster: null,
    name,
    labels: { 'kubernetes.io/metadata.name': name, ...labels },
  }));
}

/** Everything of Kubernetes in a scenario whose fleet and workloads are resolved; null if there is nothing. */
export function resolveObjects(
  raw: RawScenario,
  setting: {
    readonly services: readonly KubeService[];
    readonly namespaces: readonly KubeNamespace[];
    readonly classes: Readonly<Record<string, number>>;
    readonly clusters: readonly string[];
  },
  context: Context,
): KubernetesObjects | null {
  const { problems, kube } = context;
  const objects = kube.objects(setting);
  const rollouts = problems.isBrokenAt(['rollouts']) ? [] : (raw.rollouts ?? []);
  const maintenance = problems.isBrokenAt(['maintenance']) ? [] : (raw.maintenance ?? []);
  const classes = { ...kube.priorityClasses, ...setting.classes };
  const rolled = { ...objects, classes, raws: kube.raws };
  const events = [
    ...resolveRollouts(rollouts, rolled, context),
    ...resolveMaintenance(maintenance, context),
  ].sort((a, b) => a.atUs - b.atUs);
  const loads = resolveLoads(
    problems.isBrokenAt(['loads']) ? [] : raw.loads,
    objects.controllers,
    context,
  );
  const imagePulls = problems.isBrokenAt(['imagePulls']) ? null : resolveImagePulls(raw.imagePulls);
  const isUsed =
    objects.inputs.length > 0 ||
    imagePulls !== null ||
    [raw.budgets, raw.autoscalers, raw.loads].some((list) => list !== undefined) ||
    [objects.controllers, objects.services, objects.namespaces, events].some((l) => l.length > 0);
  if (!isUsed) return null;
  const budgets = problems.isBrokenAt(['budgets']) ? [] : (raw.budgets ?? []);
  const scalers = problems.isBrokenAt(['autoscalers']) ? [] : (raw.autoscalers ?? []);
  return {
    ...objects,
    budgets: [...objects.budgets, ...resolveBudgets(budgets, setting.clusters, context)],
    autoscalers: [
      ...objects.autoscalers,
      ...resolveAutoscalers(scalers, objects.controllers, context),
    ],
    events,
    loads,
    ...(imagePulls && { imagePulls }),
  };
}
