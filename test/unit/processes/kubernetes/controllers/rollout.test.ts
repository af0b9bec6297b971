import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountOrPercent } from '../../../../../src/processes/kubernetes/controllers/counts.ts';
import {
  fenceOf,
  nextStep,
  type Rollout,
  type RolloutSet,
} from '../../../../../src/processes/kubernetes/controllers/rollout.ts';

const percent = (value: number): CountOrPercent => ({ kind: 'percent', percent: value });
const count = (value: number): CountOrPercent => ({ kind: 'count', count: value });

/** Sets of a Deployment whose pods become available when `ready` is called; deleted ones are gone at once. */
class World {
  readonly replicas: number;
  readonly strategy: Rollout['strategy'];
  fresh: RolloutSet | null = null;
  old: RolloutSet[];
  lowest = Number.POSITIVE_INFINITY;
  highest = 0;

  constructor(replicas: number, maxSurge: CountOrPercent, maxUnavailable: CountOrPercent) {
    this.replicas = replicas;
    this.strategy = { kind: 'rolling-update', maxSurge, maxUnavailable };
    this.old = [set(replicas, replicas, replicas)];
  }

  get rollout(): Rollout {
    return { ...this, isPaused: false };
  }

  /** Takes steps until nothing is left to do. */
  settle(): this {
    for (;;) {
      const step = nextStep(this.rollout);
      if (step.kind === 'rest') break;
      if (step.kind === 'create') this.fresh = set(step.replicas, 0, this.replicas);
      else {
        this.old = this.old.map((s, i) => {
          // The replica set deletes pods that are not ready first.
          return { ...s, spec: step.old[i]!, available: Math.min(s.available, step.old[i]!) };
        });
        if (step.fresh !== null) this.fresh = { ...this.fresh!, spec: step.fresh };
      }
      const available = this.old.reduce((sum, s) => sum + s.available, this.fresh!.available);
      const total = this.old.reduce((sum, s) => sum + s.spec, this.fresh!.spec);
      this.lowest = Math.min(this.lowest, available);
      this.highest = Math.max(this.highest, total);
    }
    return this;
  }

  ready(): this {
    this.fresh = { ...this.fresh!, available: this.fresh!.spec };
    return this;
  }

  get sizes(): [old: number, fresh: number, available: number] {
    return [this.old.reduce((sum, s) => sum + s.spec, 0), this.fresh!.spec, this.fresh!.available];
  }
}

function set(spec: number, available: number, desired: number, most = desired): RolloutSet {
  return { spec, available, present: spec, desiredBefore: desired, mostBefore: most };
}

describe('a rolling update', () => {
  it('of 10 with 25 % and 25 % takes three waves', () => {
    // Surge 2.5 rounds up to 3, unavailable 2.5 down to 2.
    const world = new World(10, percent(25), percent(25)).settle();
    // New 3 (13 in all), old 10 - 2, new 3 + 2.
    expect(world.sizes).toEqual([8, 5, 0]);
    // Five are available: old 8 - 5, new to 10.
    expect(world.ready().settle().sizes).toEqual([3, 10, 5]);
    expect(world.ready().settle().sizes).toEqual([0, 10, 10]);
    expect([world.lowest, world.highest]).toEqual([8, 13]);
  });

  it('of 4 with 25 % and 25 % ends in three waves', () => {
    const world = new World(4, percent(25), percent(25)).settle();
    expect(world.sizes.slice(0, 2)).toEqual([3, 2]);
    expect(world.ready().settle().sizes.slice(0, 2)).toEqual([1, 4]);
    expect(world.ready().settle().sizes.slice(0, 2)).toEqual([0, 4]);
  });

  it('goes one by one where only one may be more, or one missing', () => {
    const waves = (world: World): number => {
      let n = 0;
      for (world.settle(); world.sizes[0] > 0; n++) world.ready().settle();
      return n;
    };
    expect(waves(new World(3, count(1), count(0)))).toBe(3);
    // 5 % of 10 is 0.5, rounded down to 0; both 0 would never move: 1. The tenth old pod goes
    // when the ninth new one is available.
    expect(waves(new World(10, count(0), percent(5)))).toBe(9);
  });

  it('never breaks its fences and always ends', () => {
    const bound = fc.oneof(
      fc.integer({ min: 0, max: 12 }).map(count),
      fc.integer({ min: 0, max: 100 }).map(percent),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), bound, bound, (replicas, surge, unavailable) => {
        const world = new World(replicas, surge, unavailable);
        const fence = fenceOf(world.rollout);
        let waves = 0;
        for (world.settle(); world.sizes[0] > 0; waves++) {
          expect(waves).toBeLessThanOrEqual(replicas);
          world.ready().settle();
        }
        expect(world.sizes[1]).toBe(replicas);
        expect(world.lowest).toBeGreaterThanOrEqual(replicas - fence.unavailable);
        expect(world.highest).toBeLessThanOrEqual(replicas + fence.surge);
      }),
      { numRuns: 2000 },
    );
  });

  it('removes unavailable old pods first, oldest set first', () => {
    const strategy = {
      kind: 'rolling-update',
      maxSurge: count(2),
      maxUnavailable: count(2),
    } as const;
    const old = [set(3, 1, 10), set(4, 4, 10)];
    const rollout = { replicas: 10, strategy, isPaused: false, fresh: set(5, 4, 10), old };
    // 12 - 8 - (5 - 4) = 3 at most; two of the first set are not available. Then 1 + 4 + 4 - 8 = 1 of the available.
    expect(nextStep(rollout)).toEqual({ kind: 'scale', fresh: null, old: [0, 4] });
  });
});

describe('a Deployment that is scaled in the middle of a rollout', () => {
  const strategy = (surge: number) =>
    ({ kind: 'rolling-update', maxSurge: count(surge), maxUnavailable: count(2) }) as const;
  const scale = (replicas: number, surge: number, old: RolloutSet[], fresh: RolloutSet) =>
    nextStep({ replicas, strategy: strategy(surge), isPaused: false, fresh, old });

  it('grows and shrinks its sets by their shares', () => {
    // 18 - 13 = 5 more: 8 * 18 / 13 = 11.08, 5 * 18 / 13 = 6.9.
    expect(scale(15, 3, [set(5, 5, 10, 13)], set(8, 8, 10, 13))).toEqual({
      kind: 'scale',
      fresh: 11,
      old: [7],
    });
    // 7 - 13 = 6 fewer: 8 * 7 / 13 = 4.3, 5 * 7 / 13 = 2.7.
    expect(scale(5, 2, [set(5, 5, 10, 13)], set(8, 8, 10, 13))).toEqual({
      kind: 'scale',
      fresh: 4,
      old: [3],
    });
    // 50 over 11, 8 and 6 of 25.
    expect(scale(40, 10, [set(8, 8, 20, 25), set(6, 6, 20, 25)], set(11, 11, 20, 25))).toEqual({
      kind: 'scale',
      fresh: 22,
      old: [16, 12],
    });
  });

  it('to nothing loses all, and a single set just follows', () => {
    expect(scale(0, 2, [set(5, 5, 10, 13)], set(8, 8, 10, 13))).toEqual({
      kind: 'scale',
      fresh: 0,
      old: [0],
    });
    expect(scale(7, 2, [], set(4, 4, 4))).toEqual({ kind: 'scale', fresh: 7, old: [] });
  });

  it('empties its old sets once the fresh one is complete, even while paused', () => {
    const fresh = set(6, 6, 6);
    const old = [set(2, 2, 6)];
    const paused = { replicas: 6, strategy: strategy(1), isPaused: true, fresh, old };
    expect(nextStep(paused)).toEqual({ kind: 'scale', fresh: null, old: [0] });
  });
});

describe('a Deployment that is recreated', () => {
  const strategy = { kind: 'recreate' } as const;
  const at = (fresh: RolloutSet | null, old: RolloutSet[]) =>
    nextStep({ replicas: 3, strategy, isPaused: false, fresh, old });

  it('starts anew when the last old pod is gone, terminating ones included', () => {
    expect(at(null, [set(3, 3, 3)])).toEqual({ kind: 'scale', fresh: null, old: [0] });
    expect(at(null, [{ ...set(0, 0, 3), present: 1 }])).toEqual({ kind: 'rest' });
    expect(at(null, [set(0, 0, 3)])).toEqual({ kind: 'create', replicas: 3 });
    expect(at(set(3, 0, 3), [set(0, 0, 3)])).toEqual({ kind: 'rest' });
  });
});
