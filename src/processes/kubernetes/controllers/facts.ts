/** What the controllers of a cluster are asked to keep, made once by `run/build`: shapes instead of templates. */
import type { WorkloadIndex } from '../../../base/ids.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { CountOrPercent } from './counts.ts';
import type { CronFields } from './cron.ts';
import type { JobRule } from './job.ts';
import type { Rollout } from './rollout.ts';

/** What pods are made from. */
export interface Template {
  readonly shape: PodShape;
  /** True: its containers never become ready. */
  readonly isBroken: boolean;
}

interface CommonFacts {
  readonly name: string;
  readonly workload: WorkloadIndex;
  /** Every template it ever has, by number; 0 at the start. */
  readonly templates: readonly Template[];
  readonly minReadyUs: number;
}

/** A Deployment, with the ReplicaSets that exist at the start, oldest first. */
export interface DeploymentFacts extends CommonFacts {
  readonly kind: 'deployment';
  readonly replicas: number;
  readonly strategy: Rollout['strategy'];
  readonly isPaused: boolean;
  readonly sets: readonly {
    readonly template: number;
    readonly replicas: number;
    readonly createdAtUs: number;
  }[];
}

/** A StatefulSet. */
export interface StatefulSetFacts extends CommonFacts {
  readonly kind: 'statefulset';
  readonly replicas: number;
  readonly firstOrdinal: number;
  readonly isParallel: boolean;
  /** Null is `OnDelete`. */
  readonly partition: number | null;
}

/** A DaemonSet. */
export interface DaemonSetFacts extends CommonFacts {
  readonly kind: 'daemonset';
  /** Null is `OnDelete`. */
  readonly update: {
    readonly maxSurge: CountOrPercent;
    readonly maxUnavailable: CountOrPercent;
  } | null;
  /** The shape of a template's pod that is bound to one node, by node index. */
  shapeOn(template: number, node: number): PodShape;
}

/** A CronJob. */
export interface CronJobFacts extends CommonFacts {
  readonly kind: 'cronjob';
  readonly cron: CronFields;
  /** Microseconds since 1970 at which the run starts. */
  readonly epochUs: number;
  readonly concurrency: 'Allow' | 'Forbid' | 'Replace';
  readonly startingDeadlineUs: number | null;
  readonly isSuspended: boolean;
  readonly job: JobRule;
}
