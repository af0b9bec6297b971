import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideSeats, type Parties } from '../../../../src/policies/placement/divide.ts';
import { webster, websterWithdraw } from '../../../../src/policies/placement/webster.ts';
import { dataFile } from '../data.ts';

/** One seat at a time by a plain search. */
function naiveDivide(seats: number, parties: Parties): Float64Array {
  const given = new Float64Array(parties.count);
  for (let s = 0; s < seats; s++) {
    let winner = -1;
    for (let i = 0; i < parties.count; i++) {
      if (given[i]! >= parties.cap(i)) continue;
      const p = parties.priority(i, given[i]!);
      if (p === Number.NEGATIVE_INFINITY) continue;
      const best = winner < 0 ? p : parties.priority(winner, given[winner]!);
      if (winner < 0 || p > best || (p === best && parties.tie(i, winner, given) < 0)) winner = i;
    }
    if (winner < 0) break;
    given[winner]!++;
  }
  return given;
}

const party = fc.record({
  start: fc.integer({ min: -20, max: 40 }),
  slope: fc.integer({ min: 0, max: 5 }),
  cap: fc.oneof(fc.nat(60), fc.constant(Number.POSITIVE_INFINITY)),
});

describe('dividing seats', () => {
  it('equals giving them one at a time, for few and for many seats, with ties and caps', () => {
    const property = fc.property(
      fc.array(party, { minLength: 1, maxLength: 6 }),
      fc.nat(120),
      (rows, seats) => {
        const parties: Parties = {
          count: rows.length,
          priority: (i, given) => (rows[i]!.start - rows[i]!.slope * given) / 7,
          cap: (i) => rows[i]!.cap,
          tie: (a, b, given) => given[a]! - given[b]! || b - a,
        };
        const given = new Float64Array(rows.length);
        const done = divideSeats(seats, parties, given);
        const expected = naiveDivide(seats, parties);
        expect([...given]).toEqual([...expected]);
        expect(done).toBe(expected.reduce((a, b) => a + b, 0));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('divides two million seats over a thousand parties without giving each on its own', () => {
    let asked = 0;
    const parties: Parties = {
      count: 1000,
      priority: (i, given) => {
        asked++;
        return (1 + (i % 10)) / (2 * given + 1);
      },
      cap: () => Number.POSITIVE_INFINITY,
      tie: (a, b) => a - b,
    };
    const given = new Float64Array(1000);
    expect(divideSeats(2_000_000, parties, given)).toBe(2_000_000);
    // Weights 1..10, a hundred parties each: 2,000,000 / 5500 * w a party: 363.6 to 3636.4.
    expect(given[0]).toBeGreaterThanOrEqual(363);
    expect(given[9]).toBeLessThanOrEqual(3637);
    // 64 levels x 1000 parties x at most 22 halvings.
    expect(asked).toBeLessThan(2_000_000);
  });
});

describe('webster', () => {
  // 3:2:2, ten seats: quotients 3, 2, 2, 1, .67, .67, .6, .43, .4, .4: 3 2 2 3 2 2 3 3 2 2: 4, 3, 3.
  it('divides 10 by 3:2:2 into 4, 3, 3', () => {
    expect([...webster({ seats: 10, votes: [3, 2, 2], initial: [0, 0, 0] })]).toEqual([4, 3, 3]);
  });

  it('breaks ties by fewer seats, then the first or, descending, the last name', () => {
    const three = { seats: 5, votes: [1, 1, 1], initial: [0, 0, 0] };
    expect([...webster(three)]).toEqual([2, 2, 1]);
    expect([...webster({ ...three, descending: true })]).toEqual([1, 2, 2]);
    // votes 3 with one seat and votes 1 with none: both quotients are 1: the one with fewer seats.
    expect([...webster({ seats: 1, votes: [3, 1], initial: [1, 0] })]).toEqual([0, 1]);
  });

  it('counts the seats that parties hold, and stops at caps', () => {
    // Old holds one: 1/3 < 1: the new one; then both 1/3 with one each: the first.
    expect([...webster({ seats: 2, votes: [1, 1], initial: [0, 1] })]).toEqual([2, 0]);
    expect([...webster({ seats: 9, votes: [5, 1], initial: [0, 0], caps: [2, 3] })]).toEqual([
      2, 3,
    ]);
  });

  it('takes back exactly the seats that it gave last', () => {
    const votes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    const property = fc.property(votes, fc.nat(30), fc.nat(30), (v, seats, more) => {
      const zero = v.map(() => 0);
      const before = webster({ seats, votes: v, initial: zero });
      const after = webster({ seats: seats + more, votes: v, initial: zero });
      const back = websterWithdraw(more, v, after);
      expect([...after].map((held, i) => held - back[i]!)).toEqual([...before]);
    });
    fc.assert(property);
  });

  const truth = dataFile('ground-truth/karmada-replica-division.json');
  it.skipIf(!truth)('agrees with the transcribed cases of Karmada', () => {
    interface Case {
      op: string;
      name: string;
      newSeats: number;
      votes: Record<string, number>;
      initial: Record<string, number>;
      tieBreak: string;
      expected: Record<string, number> | null;
    }
    const { cases } = JSON.parse(readFileSync(truth!, 'utf8')) as { cases: Case[] };
    const own = cases.filter((c) => c.op === 'webster' && c.expected !== null);
    expect(own.length).toBeGreaterThan(5);
    for (const c of own) {
      const names = [...new Set([...Object.keys(c.votes), ...Object.keys(c.initial)])].sort();
      const initial = names.map((name) => c.initial[name] ?? 0);
      const seats = webster({
        seats: c.newSeats,
        votes: names.map((name) => c.votes[name] ?? 0),
        initial,
        descending: c.tieBreak !== 'default',
      });
      const total = Object.fromEntries(names.map((name, i) => [name, initial[i]! + seats[i]!]));
      expect(total, c.name).toEqual(c.expected);
    }
  });
});
