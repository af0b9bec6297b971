/**
 * What every kind of policy has in common: a namespaced name, parameters that are checked before the run, and `create`.
 */

import type { FailureModel, FailureSetup } from './failures.ts';
import type { FrameworkPlugin, FrameworkSetup } from './framework.ts';
import type { PlacementSetup, Placer } from './placement.ts';
import type { Queueing, QueueingSetup } from './queueing.ts';
import type { Autoscaler, ScalingSetup } from './scaling.ts';
import type { Scheduler, SchedulingSetup } from './scheduling.ts';

/** Keyed draws that belong to one policy: the same (entity, draw) always gives the same value, in any order of calls. */
export interface PolicyStream {
  /**
   * @param entity a stable key: a pod's key, a node's key, a decision number; a non-negative integer below 2^53
   * @param draw which draw of that entity, from 0
   * @returns a double uniform in (0, 1)
   */
  uniform(entity: number, draw: number): number;
}

/** One thing wrong with a policy's parameters: where below `params`, and what was expected. */
export interface ParamIssue {
  readonly path: string;
  readonly expected: string;
  /** What to do about it, such as the nearest valid name. */
  readonly hint?: string;
}

/** Checks raw parameters: the value, or all issues. Any schema library fits behind it. */
export type ParamsCheck<P> = (raw: unknown) => { value: P } | { issues: readonly ParamIssue[] };

/** A policy of one contract as it is registered: by built-ins and by users' files through the same door. */
export interface PolicyDefinition<Contract extends string, P, Setup, Made> {
  readonly contract: Contract;
  /** `vendor/name`; built-ins of generic algorithms have no vendor. */
  readonly name: string;
  /** One sentence: what it does, for `orrery policies`. */
  readonly summary: string;
  /** The formula or rule with its resource weights, for `orrery policies` and the docs. */
  readonly formula?: string;
  /** Parameters and their defaults in words, for `orrery policies`. */
  readonly paramsHelp?: Readonly<Record<string, string>>;
  /** Absent: the policy takes no parameters and any is an error. */
  readonly params?: ParamsCheck<P>;
  /** Makes one instance per cluster (scheduling, queueing) or per fleet; stateless, or with save and restore. */
  create(params: P, setup: Setup): Made;
}

/** Chooses nodes inside one cluster. */
export type SchedulingPolicy<P = unknown> = PolicyDefinition<
  'scheduling',
  P,
  SchedulingSetup,
  Scheduler
>;
/** Chooses clusters. */
export type PlacementPolicy<P = unknown> = PolicyDefinition<'placement', P, PlacementSetup, Placer>;
/** Orders the queue of one cluster. */
export type QueueingPolicy<P = unknown> = PolicyDefinition<'queueing', P, QueueingSetup, Queueing>;
/** Says when nodes break and for how long. */
export type FailurePolicy<P = unknown> = PolicyDefinition<
  'failures',
  P,
  FailureSetup,
  FailureModel
>;
/** A plug-in of Kubernetes' scheduling framework: a part of a scheduling policy. */
export type FrameworkPolicy<P = unknown> = PolicyDefinition<
  'framework',
  P,
  FrameworkSetup,
  FrameworkPlugin
>;
/** Says how many replicas a workload should have. */
export type ScalingPolicy<P = unknown> = PolicyDefinition<'scaling', P, ScalingSetup, Autoscaler>;
/** A policy of any contract. */
export type AnyPolicy =
  | SchedulingPolicy
  | PlacementPolicy
  | QueueingPolicy
  | FailurePolicy
  | FrameworkPolicy
  | ScalingPolicy;
/** Name of a contract. */
export type Contract = AnyPolicy['contract'];

/** Declares a scheduling policy; the identity function with the types filled in. */
export function defineScheduling<P = void>(
  policy: Omit<PolicyDefinition<'scheduling', P, SchedulingSetup, Scheduler>, 'contract'>,
): SchedulingPolicy {
  return { ...policy, contract: 'scheduling' } as unknown as SchedulingPolicy;
}
/** Declares a placement policy. */
export function definePlacement<P = void>(
  policy: Omit<PolicyDefinition<'placement', P, PlacementSetup, Placer>, 'contract'>,
): PlacementPolicy {
  return { ...policy, contract: 'placement' } as unknown as PlacementPolicy;
}
/** Declares a queueing policy. */
export function defineQueueing<P = void>(
  policy: Omit<PolicyDefinition<'queueing', P, QueueingSetup, Queueing>, 'contract'>,
): QueueingPolicy {
  return { ...policy, contract: 'queueing' } as unknown as QueueingPolicy;
}
/** Declares a failure model. */
export function defineFailures<P = void>(
  policy: Omit<PolicyDefinition<'failures', P, FailureSetup, FailureModel>, 'contract'>,
): FailurePolicy {
  return { ...policy, contract: 'failures' } as unknown as FailurePolicy;
}
/** Declares a plug-in of the scheduling framework. */
export function defineFramework<P = void>(
  policy: Omit<PolicyDefinition<'framework', P, FrameworkSetup, FrameworkPlugin>, 'contract'>,
): FrameworkPolicy {
  return { ...policy, contract: 'framework' } as unknown as FrameworkPolicy;
}
/** Declares a scaling policy. */
export function defineScaling<P = void>(
  policy: Omit<PolicyDefinition<'scaling', P, ScalingSetup, Autoscaler>, 'contract'>,
): ScalingPolicy {
  return { ...policy, contract: 'scaling' } as unknown as ScalingPolicy;
}
