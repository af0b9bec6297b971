/** The shape of objects that only Kubernetes has, beside workloads. */
import { labels, name, shape } from './schema-values.ts';

/** A Service as written. */
export const kubeService = shape('a service of Kubernetes', {
  name: name.describe('Name of the service.'),
  namespace: name.optional().describe('Namespace of the pods that it selects; default default.'),
  selector: labels.describe('Labels of the pods that it selects.'),
});

/** A namespace as written. */
export const kubeNamespace = shape('a namespace', {
  name: name.describe('Name of the namespace.'),
  labels: labels.optional().describe('Its labels; kubernetes.io/metadata.name is added.'),
});
