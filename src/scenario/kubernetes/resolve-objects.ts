/** Objects that a scenario writes itself become data: services and namespaces. */
import type { RawScenario } from '../schema.ts';
import type { KubeNamespace, KubernetesObjects, KubeService } from './objects.ts';

/** A scenario without anything of Kubernetes. */
export const NO_OBJECTS: KubernetesObjects = {
  controllers: [],
  budgets: [],
  autoscalers: [],
  services: [],
  namespaces: [],
  volumes: { claims: [], persistent: [], classes: [] },
  initialPods: [],
  events: [],
};

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
