/**
 * One step of a Deployment: how many replicas each of its ReplicaSets should have next. A controller takes one action, sees
 * what it wrote, and looks again.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/deployment.
 */
import { type CountOrPercent, roundedAway, roundedDown, roundedUp } from './counts.ts';

/** A ReplicaSet as its Deployment sees it. */
export interface RolloutSet {
  /** `spec.replicas`. */
  readonly spec: number;
  /** Available pods, terminating ones left out. */
  readonly available: number;
  /** Pods that exist, terminating ones included: only `Recreate` asks. */
  readonly present: number;
  /** Annotations of the last scaling: the Deployment's replicas, and those with its surge. */
  readonly desiredBefore: number;
  readonly mostBefore: number;
}

/** A Deployment at one instant. */
export interface Rollout {
  readonly replicas: number;
  readonly strategy:
    | { readonly kind: 'recreate' }
    | {
        readonly kind: 'rolling-update';
        readonly maxSurge: CountOrPercent;
        readonly maxUnavailable: CountOrPercent;
      };
  readonly isPaused: boolean;
  /** The set of the present template; null before it exists. */
  readonly fresh: RolloutSet | null;
  /** The others, oldest first. */
  readonly old: readonly RolloutSet[];
}

/** What to do next. `old` gives the new `spec.replicas` of each old set, in their order. */
export type RolloutStep =
  | { readonly kind: 'rest' }
  /** Makes the set of the present template, with so many replicas. */
  | { readonly kind: 'create'; readonly replicas: number }
  | { readonly kind: 'scale'; readonly fresh: number | null; readonly old: readonly number[] };

/** Pods above and below the wanted number that a rollout may reach. */
export interface Fence {
  readonly surge: number;
  readonly unavailable: number;
}

/** Resolves shares: surge rounds up, unavailable down; both 0 would never move, so that one may then be missing. */
export function fenceOf({ replicas, strategy }: Pick<Rollout, 'replicas' | 'strategy'>): Fence {
  if (strategy.kind === 'recreate') return { surge: 0, unavailable: 0 };
  const surge = roundedUp(strategy.maxSurge, replicas);
  let unavailable = roundedDown(strategy.maxUnavailable, replicas);
  if (surge === 0 && unavailable === 0) unavailable = 1;
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

/** Finds the next step. */
export function nextStep(rollout: Rollout): RolloutStep {
  const { fresh, isPaused, old, replicas } = rollout;
  const sets = fresh === null ? old : [...old, fresh];
  const isScaled = sets.some((set) => set.spec > 0 && set.desiredBefore !== replicas);
  if (isPaused || isScaled) return rescale(rollout);
  return rollout.strategy.kind === 'recreate' ? recreate(rollout) : roll(rollout);
}

function recreate({ fresh, old, replicas }: Rollout): RolloutStep {
  if (old.some((set) => set.spec > 0)) return scaled(null, zeros(old));
  if (old.some((set) => set.present > 0)) return { kind: 'rest' };
  if (fresh === null) return { kind: 'create', replicas };
  return fresh.spec === replicas ? { kind: 'rest' } : scaled(replicas, specs(old));
}

function roll(rollout: Rollout): RolloutStep {
  const { fresh, old, replicas } = rollout;
  const { surge, unavailable } = fenceOf(rollout);
  const inOld = sum(old, 'spec');
  const room = Math.max(0, replicas + surge - inOld - (fresh?.spec ?? 0));
  if (fresh === null) return { kind: 'create', replicas: Math.min(room, replicas) };
  const wanted =
    fresh.spec > replicas ? replicas : fresh.spec + Math.min(room, replicas - fresh.spec);
  if (wanted !== fresh.spec) return scaled(wanted, specs(old));
  const least = replicas - unavailable;
  const most = inOld + fresh.spec - least - (fresh.spec - fresh.available);
  if (inOld === 0 || most <= 0) return { kind: 'rest' };
  const cleaned = withoutUnhealthy(old, most);
  // Healthy old pods go as far as enough are available over all sets.
  let left = sum(old, 'available') + fresh.available - least;
  const next = cleaned.map((spec) => {
    const less = Math.max(0, Math.min(spec, left));
    left -= less;
    return spec - less;
  });
  return next.every((spec, i) => spec === old[i]!.spec) ? { kind: 'rest' } : scaled(null, next);
}

/** Pods of old sets that are not available go first, oldest set first, at most `most` of them. */
function withoutUnhealthy(old: readonly RolloutSet[], most: number): number[] {
  let left = most;
  return old.map(({ available, spec }) => {
    const less = Math.max(0, Math.min(left, spec - available));
    left -= less;
    return spec - less;
  });
}

/** Another number of replicas in the middle of a rollout (or while paused): every set grows or shrinks by its share. */
function rescale(rollout: Rollout): RolloutStep {
  const { fresh, old, replicas } = rollout;
  const active = old.filter((set) => set.spec > 0).length + (fresh && fresh.spec > 0 ? 1 : 0);
  if (active <= 1) return rescaleOnly(rollout, active);
  const isSaturated =
    fresh !== null &&
    fresh.spec === replicas &&
    fresh.desiredBefore === replicas &&
    fresh.available === replicas;
  if (isSaturated) return scaled(null, zeros(old));
  if (rollout.strategy.kind === 'recreate') return { kind: 'rest' };
  return proportionally(rollout);
}

/** Only one set has pods (or none: then the newest gets them). */
function rescaleOnly({ fresh, old, replicas }: Rollout, active: number): RolloutStep {
  const isFresh = fresh !== null && (active === 0 || fresh.spec > 0);
  if (isFresh) {
    return fresh.spec === replicas && fresh.desiredBefore === replicas
      ? { kind: 'rest' }
      : scaled(replicas, specs(old));
  }
  const last = active === 0 ? old.length - 1 : old.findIndex((set) => set.spec > 0);
  if (last < 0) return { kind: 'rest' };
  const only = old[last]!;
  if (only.spec === replicas && only.desiredBefore === replicas) return { kind: 'rest' };
  return scaled(
    null,
    old.map((set, i) => (i === last ? replicas : set.spec)),
  );
}

function proportionally(rollout: Rollout): RolloutStep {
  const { fresh, old, replicas } = rollout;
  const most = replicas > 0 ? replicas + fenceOf(rollout).surge : 0;
  // Age by place: the fresh set is the newest.
  const sets = [...old, ...(fresh === null ? [] : [fresh])].map((set, age) => ({
    age,
    set,
    spec: set.spec,
  }));
  const active = sets.filter(({ spec }) => spec > 0);
  const change = most - active.reduce((total, { spec }) => total + spec, 0);
  // Largest first; among equals the newer when it grows, the older when it shrinks.
  active.sort((a, b) => b.spec - a.spec || (change > 0 ? b.age - a.age : a.age - b.age));
  let changed = 0;
  for (const entry of active) {
    const left = change - changed;
    if (left === 0) break;
    const { mostBefore } = entry.set;
    const share =
      replicas === 0 ? -entry.spec : roundedAway((entry.spec * most) / mostBefore) - entry.spec;
    const part = change > 0 ? Math.min(share, left) : Math.max(share, left);
    entry.spec += part;
    changed += part;
  }
  const first = active[0]!;
  first.spec = Math.max(0, first.spec + change - changed);
  return scaled(
    fresh === null ? null : sets.at(-1)!.spec,
    sets.slice(0, old.length).map(({ spec }) => spec),
  );
}

function scaled(fresh: number | null, old: readonly number[]): RolloutStep {
  return { kind: 'scale', fresh, old };
}

function specs(sets: readonly RolloutSet[]): number[] {
  return sets.map(({ spec }) => spec);
}

function zeros(sets: readonly RolloutSet[]): number[] {
  return sets.map(() => 0);
}

function sum(sets: readonly RolloutSet[], field: 'spec' | 'available'): number {
  return sets.reduce((total, set) => total + set[field], 0);
}
