/**
 * What metering hands over to billing: integrals of resource-time, plain data, no prices applied.
 *
 * Metering counts in whole millicore-, MiB- and microsecond units and converts once at the end of the run.
 */

/** An amount of each priced resource times time. */
export interface ResourceSeconds {
  readonly cpuCoreSeconds: number;
  readonly memoryGibSeconds: number;
  /** Whole devices: a pod with half a GPU for 10 s has 5. */
  readonly gpuSeconds: number;
}

/** Node-time by state, seconds. */
export interface NodeSeconds {
  readonly booting: number;
  readonly up: number;
  readonly draining: number;
  readonly down: number;
}

/** What one workload's pods requested on one kind of node. */
export interface WorkloadUsage extends ResourceSeconds {
  readonly workload: string;
  readonly team: string;
}

/** All nodes of one machine type in one pool, over the whole run (warm-up included: money is spent from the start). */
export interface PoolUsage {
  readonly cluster: string;
  readonly pool: string;
  readonly machineType: string;
  readonly provider: string;
  /** Price model: `owned`, `on-demand`, `reserved`, `spot`. */
  readonly price: string;
  readonly dollarsPerNodeHour: number;
  /** Quantities of one node: what its price is split over. */
  readonly node: {
    readonly cpuCores: number;
    readonly memoryGib: number;
    readonly gpus: number;
  };
  readonly nodeSeconds: NodeSeconds;
  /** Allocatable while up or draining. */
  readonly capacity: ResourceSeconds;
  /** One entry per workload that ran here, in name order; only while the node was up or draining. */
  readonly workloads: readonly WorkloadUsage[];
}

/** A fee for the existence of a cluster: its control plane. */
export interface ClusterFee {
  readonly cluster: string;
  readonly provider: string;
  /** How long the cluster existed. */
  readonly seconds: number;
  readonly dollarsPerHour: number;
}
