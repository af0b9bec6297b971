/** What the horizontal pod autoscaler remembers, and how it bounds what its metrics propose. */

/** One bound on the change within a period. */
export interface RatePolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodUs: number;
}

/** Rules of one direction. */
export interface ScalingRules {
  readonly stabilizationWindowUs: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly RatePolicy[];
}

/** Rules of both directions, as in `spec.behavior` with its defaults filled in. */
export interface Behavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

/** Something that happened at an instant: a recommendation, or a change of replicas (its size). */
export interface Dated {
  readonly atUs: number;
  readonly replicas: number;
}

/** The memory of one autoscaler; lost in the real one when its process restarts. */
export interface ScalingMemory {
  recommendations: Dated[];
  ups: Dated[];
  downs: Dated[];
}

/** Window of the default rules, microseconds. */
const DOWN_WINDOW_US = 300_000_000;

/** The bounds of one decision. */
export interface RateBounds {
  readonly nowUs: number;
  readonly current: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/**
 * Without `behavior`: the highest recommendation of the last 300 s (an age of exactly 300 s counts), at most the larger of
 * twice the present number and 4, within the bounds. No limit downwards.
 */
export function withoutBehavior(
  proposed: number,
  bounds: RateBounds,
  memory: ScalingMemory,
): number {
  const oldestUs = bounds.nowUs - DOWN_WINDOW_US;
  let stable = proposed;
  for (const { atUs, replicas } of memory.recommendations) {
    if (atUs >= oldestUs && replicas > stable) stable = replicas;
  }
  forget(memory, oldestUs);
  memory.recommendations.push({ atUs: bounds.nowUs, replicas: proposed });
  const most = Math.min(bounds.maxReplicas, Math.max(2 * bounds.current, 4));
  return Math.max(Math.min(stable, most), bounds.minReplicas);
}

/** With `behavior`: windows in both directions, then the policies of the direction taken, within the bounds. */
export function withBehavior(
  proposed: number,
  bounds: RateBounds,
  memory: ScalingMemory,
  behavior: Behavior,
): number {
  const stable = stabilised(proposed, bounds, memory, behavior);
  const { current } = bounds;
  if (stable > current) {
    const limit = Math.max(current, upLimit(bounds, memory, behavior.scaleUp));
    return Math.min(stable, Math.min(limit, bounds.maxReplicas));
  }
  if (stable < current) {
    const limit = Math.min(current, downLimit(bounds, memory, behavior.scaleDown));
    return Math.max(stable, Math.max(limit, bounds.minReplicas));
  }
  return current;
}

function stabilised(
  proposed: number,
  bounds: RateBounds,
  memory: ScalingMemory,
  behavior: Behavior,
): number {
  const upSinceUs = bounds.nowUs - behavior.scaleUp.stabilizationWindowUs;
  const downSinceUs = bounds.nowUs - behavior.scaleDown.stabilizationWindowUs;
  let up = proposed;
  let down = proposed;
  for (const { atUs, replicas } of memory.recommendations) {
    if (atUs > upSinceUs && replicas < up) up = replicas;
    if (atUs > downSinceUs && replicas > down) down = replicas;
  }
  forget(memory, Math.min(upSinceUs, downSinceUs));
  memory.recommendations.push({ atUs: bounds.nowUs, replicas: proposed });
  return Math.min(Math.max(bounds.current, up), down);
}

/** Drops recommendations that no later decision can ask for. */
function forget(memory: ScalingMemory, beforeUs: number): void {
  memory.recommendations = memory.recommendations.filter(({ atUs }) => atUs >= beforeUs);
}

function upLimit(bounds: RateBounds, memory: ScalingMemory, rules: ScalingRules): number {
  if (rules.selectPolicy === 'Disabled') return bounds.current;
  const limits = rules.policies.map(({ periodUs, type, value }) => {
    const start = startOf(bounds, memory, periodUs);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules.selectPolicy === 'Max' ? Math.max(...limits) : Math.min(...limits);
}

function downLimit(bounds: RateBounds, memory: ScalingMemory, rules: ScalingRules): number {
  if (rules.selectPolicy === 'Disabled') return bounds.current;
  const limits = rules.policies.map(({ periodUs, type, value }) => {
    const start = startOf(bounds, memory, periodUs);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  // The largest change downwards is the lowest limit.
  return rules.selectPolicy === 'Max' ? Math.min(...limits) : Math.max(...limits);
}

/** Replicas at the start of the period that ends now. */
function startOf({ current, nowUs }: RateBounds, memory: ScalingMemory, periodUs: number): number {
  const sinceUs = nowUs - periodUs;
  return current - sumSince(memory.ups, sinceUs) + sumSince(memory.downs, sinceUs);
}

/** Replicas changed strictly later than an instant. */
function sumSince(changes: readonly Dated[], sinceUs: number): number {
  let sum = 0;
  for (const { atUs, replicas } of changes) if (atUs > sinceUs) sum += replicas;
  return sum;
}

/** Remembers a change, and forgets those that no policy looks back to. */
export function rememberChange(
  memory: ScalingMemory,
  change: { readonly nowUs: number; readonly from: number; readonly to: number },
  behavior: Behavior,
): void {
  const { nowUs, from, to } = change;
  const longest = (rules: ScalingRules): number =>
    rules.policies.reduce((most, { periodUs }) => Math.max(most, periodUs), 0);
  const sinceUs = nowUs - Math.max(longest(behavior.scaleUp), longest(behavior.scaleDown));
  const kept = (changes: readonly Dated[]): Dated[] => changes.filter(({ atUs }) => atUs > sinceUs);
  memory.ups = kept(memory.ups);
  memory.downs = kept(memory.downs);
  if (to > from) memory.ups.push({ atUs: nowUs, replicas: to - from });
  if (to < from) memory.downs.push({ atUs: nowUs, replicas: from - to });
}
