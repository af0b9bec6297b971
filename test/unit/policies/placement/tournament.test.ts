/** The tournament against sorting everybody at every question. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ABSENT,
  type Standing,
  Tournament,
} from '../../../../src/policies/placement/tournament.ts';

const standing = fc.record({
  level: fc.integer({ min: ABSENT, max: 2 }),
  score: fc.constantFrom(-1, 0, 0.5, 0.5000000001),
  second: fc.constantFrom(-2, 0),
});

/** Everybody who takes part, first to last. */
function sorted(all: readonly Standing[]): number[] {
  return all
    .map((_, c) => c)
    .filter((c) => all[c]!.level !== ABSENT)
    .sort((a, b) => {
      const x = all[a]!;
      const y = all[b]!;
      return y.level - x.level || y.score - x.score || y.second - x.second || a - b;
    });
}

function checkAll(tournament: Tournament, all: readonly Standing[]): void {
  const order = sorted(all);
  expect(tournament.best()).toBe(order[0] ?? -1);
  expect(tournament.size).toBe(order.length);
  const members = Array.from(order, (_, i) => tournament.member(i));
  expect(members).toEqual([...order].sort((a, b) => a - b));
  for (let c = 0; c < all.length; c++) {
    expect(tournament.levelOf(c)).toBe(all[c]!.level);
    expect(tournament.bestBut(c)).toBe(order.find((other) => other !== c) ?? -1);
    for (const level of [-1, 0, 1, 2]) {
      const reaching = all.findIndex((other, i) => i >= c && other.level >= level);
      expect(tournament.firstOf(level, c)).toBe(reaching);
    }
  }
  expect(tournament.bestBut(-1)).toBe(order[0] ?? -1);
  expect(tournament.firstOf(-1, all.length)).toBe(-1);
}

describe('Tournament', () => {
  it('knows who stands first, second and next after every change', () => {
    const property = fc.property(
      fc.array(standing, { minLength: 1, maxLength: 19 }),
      fc.array(fc.tuple(fc.nat(18), standing), { maxLength: 30 }),
      (start, changes) => {
        const all = [...start];
        const tournament = new Tournament(all.length);
        all.forEach((one, c) => {
          tournament.put(c, one);
        });
        tournament.playAll();
        checkAll(tournament, all);
        for (const [at, one] of changes) {
          const c = at % all.length;
          all[c] = one;
          tournament.set(c, one);
          checkAll(tournament, all);
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it('has nobody at first', () => {
    const tournament = new Tournament(3);
    expect([tournament.best(), tournament.size, tournament.firstOf(ABSENT + 1, 0)]).toEqual([
      -1, 0, -1,
    ]);
  });
});
