import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../src/base/ids.ts';
import { FreeScores, type NodeClass } from '../../../src/selection/skyline-groups.ts';
import {
  isWholeForm,
  setWholeFigures,
  WHOLE_FIGURES,
  type WholeShares,
  wholeScore,
} from '../../../src/selection/whole-shares.ts';

/** The largest amount for which the closed form is exact: 2^42. */
const MOST = 4_398_046_511_104;

function nodeWith({ cpu, memory }: WholeShares): NodeClass {
  const none = { devices: 0, devicesFree: 0, devicesWhole: 0, deviceMost: 0 };
  return { group: 0, node: asNode(0), cpu, memory, ...none };
}

function expectEqual(weights: WholeShares, has: WholeShares, left: WholeShares): void {
  const general = new FreeScores([{ isWhole: true, factor: 1, ...weights, devices: 0 }]);
  const figures = new Float64Array(2 * WHOLE_FIGURES);
  expect(setWholeFigures(figures, WHOLE_FIGURES, weights, has)).toBe(true);
  const score = wholeScore(figures, WHOLE_FIGURES, left.cpu, left.memory);
  if (score !== general.of(left.cpu, left.memory, -1, nodeWith(has))) {
    expect({ weights, has, left, score }).toEqual({
      weights,
      has,
      left,
      score: general.of(left.cpu, left.memory, -1, nodeWith(has)),
    });
  }
}

/** An amount, small ones and the largest as likely as all others; with what is left of it, mostly where a share is whole. */
const amounts = fc
  .oneof(
    fc.nat({ max: 300 }),
    fc.nat({ max: 200_000 }),
    fc.maxSafeNat().map((n) => n % (MOST + 1)),
    fc.nat({ max: 1000 }).map((n) => MOST - n),
  )
  .chain((has) =>
    fc.record({
      has: fc.constant(has),
      left: fc
        .oneof(
          fc.nat({ max: 100 }).map((share) => Math.floor((share * has) / 100)),
          fc.nat({ max: 100 }).map((share) => Math.ceil((share * has) / 100) - 1),
          fc.maxSafeNat().map((n) => n % (has + 1)),
        )
        .map((left) => Math.max(0, left)),
    }),
  );

const weights = fc.record({
  cpu: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 1000 })),
  memory: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 1000 })),
});

describe('the closed form of a whole score', () => {
  it('is the general form on random amounts, where shares are whole, and at its limits', () => {
    fc.assert(
      fc.property(weights, amounts, amounts, (by, cpu, memory) => {
        expectEqual(
          by,
          { cpu: cpu.has, memory: memory.has },
          { cpu: cpu.left, memory: memory.left },
        );
      }),
      { numRuns: 5000 },
    );
  });

  it('is the general form for everything that may be left of small amounts', () => {
    for (let has = 0; has <= 300; has++) {
      for (let left = 0; left <= has; left++) {
        expectEqual(
          { cpu: 1, memory: 1 },
          { cpu: has, memory: 7 },
          { cpu: left, memory: left % 8 },
        );
        expectEqual(
          { cpu: 0, memory: 3 },
          { cpu: 7, memory: has },
          { cpu: left % 8, memory: left },
        );
      }
    }
  });

  it('scores 0 where a node has nothing that counts', () => {
    expectEqual({ cpu: 1, memory: 0 }, { cpu: 0, memory: 100 }, { cpu: 0, memory: 50 });
  });

  it('is refused for amounts and weights outside its limits', () => {
    const figures = new Float64Array(WHOLE_FIGURES);
    const even = { cpu: 1, memory: 1 };
    expect(setWholeFigures(figures, 0, even, { cpu: MOST, memory: MOST })).toBe(true);
    expect(setWholeFigures(figures, 0, even, { cpu: 1, memory: MOST + 1 })).toBe(false);
    expect(setWholeFigures(figures, 0, even, { cpu: MOST + 1, memory: 1 })).toBe(false);
    expect(isWholeForm({ cpu: 1000, memory: 0 })).toBe(true);
    expect(isWholeForm({ cpu: 1001, memory: 1 })).toBe(false);
    expect(isWholeForm({ cpu: 1, memory: 0.5 })).toBe(false);
  });
});
