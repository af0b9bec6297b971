/** The labels of nodes that a scenario does not have to write: their place and kind, as a kubelet would set them. */
import type { Cluster, Pool } from '../scenario.ts';

/** Label of a node's own name. */
export const HOSTNAME = 'kubernetes.io/hostname';

/**
 * Labels of all nodes of a pool but the hostname: zone, region and machine type, below what the pool says itself. Nodes of a
 * snapshot have exactly what it says.
 */
export function labelsOfPool(cluster: Pick<Cluster, 'region'>, pool: Pool): Record<string, string> {
  if (pool.isComplete) return { ...pool.labels };
  return {
    'node.kubernetes.io/instance-type': pool.machineType,
    'topology.kubernetes.io/region': cluster.region,
    'topology.kubernetes.io/zone': pool.zone,
    ...pool.labels,
  };
}
