import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/base/errors.ts';
import type { PolicyStream } from '../../../src/contracts/policy.ts';
import { combineKeys, KeyedDraws, keyOf } from '../../../src/random/draw.ts';
import { cellCounts, chiSquareDeviations, correlationDeviations, series } from './statistics.ts';

const TWO_53 = 9007199254740992;
/** Of a hundred thousand standard normal numbers two are beyond 4.2; the keys are fixed, so these tests never flake. */
const LIMIT = 4.2;

/** Flips one bit of a 53-bit key. */
const flip = (key: number, bit: number): number => Number(BigInt(key) ^ (1n << BigInt(bit)));

describe('keyOf', () => {
  it('gives the same keys for ever', () => {
    expect(['', 'a', 'c-1/pool/17', 'workload/batch/arrivals', 'é\u{1f600}'].map(keyOf)).toEqual(
      FROZEN_NAMES,
    );
  });

  it('gives 53-bit integers without a collision among a million names alike', () => {
    const seen = new Set<number>();
    for (let c = 0; c < 10; c++) {
      for (let i = 0; i < 100_000; i++) seen.add(keyOf(`c-${c}/pool/${i}`));
    }
    expect(seen.size).toBe(1_000_000);
    for (const key of seen) {
      if (!Number.isSafeInteger(key) || key < 0) expect.fail(`${key}`);
    }
  });

  it('spreads names that differ in their last digits evenly over high and low bits', () => {
    const keys = series(100_000, (i) => keyOf(`c-1/pool/${i}`));
    const high = cellCounts(
      keys.map((k) => k / TWO_53),
      256,
    );
    const low = new Float64Array(256);
    for (const key of keys) low[key % 256]++;
    expect(Math.abs(chiSquareDeviations(high))).toBeLessThan(LIMIT);
    expect(Math.abs(chiSquareDeviations(low))).toBeLessThan(LIMIT);
  });

  it('tells apart names whose characters are swapped, repeated or split elsewhere', () => {
    const names = ['ab', 'ba', 'aab', 'abb', 'a/b', 'a', 'aa', 'aaa', '\0', '\0\0', ''];
    expect(new Set(names.map(keyOf)).size).toBe(names.length);
  });
});

describe('combineKeys', () => {
  it('gives the same keys for ever', () => {
    const pairs = [
      [0, 0],
      [0, 1],
      [1, 0],
      [TWO_53 - 1, TWO_53 - 1],
      [123456789012345, 42],
    ];
    expect(pairs.map(([a, b]) => combineKeys(a, b))).toEqual(FROZEN_PAIRS);
  });

  it('depends on the order of its keys and on all 53 bits of both', () => {
    expect(combineKeys(3, 5)).not.toBe(combineKeys(5, 3));
    const keys = new Set([combineKeys(0, 0)]);
    for (let bit = 0; bit < 53; bit++) {
      keys.add(combineKeys(flip(0, bit), 0));
      keys.add(combineKeys(0, flip(0, bit)));
    }
    expect(keys.size).toBe(107);
  });

  it.each([
    ['small keys', (i: number) => [i % 1000, Math.floor(i / 7)]],
    ['hashed keys', (i: number) => [keyOf(`a${i}`), keyOf(`b${i}`)]],
  ] as const)('flips each output bit half of the time for each input bit, for %s', (_, pair) => {
    const samples = 600;
    let worst = 0;
    for (let bit = 0; bit < 106; bit++) {
      const flips = new Float64Array(53);
      for (let i = 0; i < samples; i++) {
        const [a, b] = pair(i);
        const before = combineKeys(a, b);
        const after = bit < 53 ? combineKeys(flip(a, bit), b) : combineKeys(a, flip(b, bit - 53));
        const low = (before ^ after) >>> 0;
        const high = Math.floor(before / 4294967296) ^ Math.floor(after / 4294967296);
        for (let k = 0; k < 32; k++) flips[k] += (low >>> k) & 1;
        for (let k = 0; k < 21; k++) flips[32 + k] += (high >>> k) & 1;
      }
      // Flips are binomial(600, 1/2): mean 300, standard deviation sqrt(150) = 12.25.
      for (const count of flips) worst = Math.max(worst, Math.abs(count - 300) / Math.sqrt(150));
    }
    // The largest of 106 x 53 = 5618 normal numbers is about 3.8; above 5 has probability 0.3 %.
    expect(worst).toBeLessThan(5);
  });
});

describe('KeyedDraws', () => {
  const draws = new KeyedDraws(42, 0, 'failures/node');

  it('gives the same values for ever', () => {
    const given: PolicyStream = draws;
    expect([
      given.uniform(0, 0),
      given.uniform(0, 1),
      given.uniform(keyOf('c-1/pool/17'), 3),
      new KeyedDraws(TWO_53 - 1, 7, 'x').uniform(TWO_53 - 1, TWO_53 - 1),
    ]).toEqual(FROZEN_DRAWS);
  });

  it('is the combination of the keys, read as an odd multiple of 2^-53', () => {
    for (let i = 0; i < 1000; i++) {
      const u = draws.uniform(keyOf(`${i}`), i);
      expect(u > 0 && u < 1).toBe(true);
      expect((u * TWO_53) % 2).toBe(1);
      expect(1 - (1 - u)).toBe(u);
    }
  });

  it('depends on each of its five keys', () => {
    const values = [
      draws.uniform(1, 1),
      new KeyedDraws(43, 0, 'failures/node').uniform(1, 1),
      new KeyedDraws(42, 1, 'failures/node').uniform(1, 1),
      new KeyedDraws(42, 0, 'failures/rack').uniform(1, 1),
      draws.uniform(2, 1),
      draws.uniform(1, 2),
      draws.uniform(1 + 4294967296, 1),
      draws.uniform(1, 1 + 4294967296),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  const walks: [string, (i: number) => number][] = [
    ['adjacent entities', (i) => draws.uniform(i, 0)],
    ['adjacent draws', (i) => draws.uniform(7, i)],
    ['entities 2^32 apart', (i) => draws.uniform(i * 4294967296 * 16, 0)],
    ['entity and draw together', (i) => draws.uniform(i, i)],
    ['hashed names', (i) => draws.uniform(keyOf(`web/${i}`), 0)],
    ['purposes', (i) => new KeyedDraws(42, 0, `policy/${i}`).uniform(0, 0)],
    ['seeds', (i) => new KeyedDraws(i, 0, 'arrivals').uniform(0, 0)],
    ['replications', (i) => new KeyedDraws(42, i, 'arrivals').uniform(0, 0)],
  ];

  it.each(walks)('is uniform over %s', (_, at) => {
    const counts = cellCounts(series(100_000, at), 100);
    expect(Math.abs(chiSquareDeviations(counts))).toBeLessThan(LIMIT);
  });

  it.each(walks)('fills the unit square evenly with neighbours, over %s', (_, at) => {
    const values = series(100_001, at);
    const counts = new Float64Array(400);
    for (let i = 0; i < 100_000; i += 2) {
      counts[Math.floor(values[i] * 20) * 20 + Math.floor(values[i + 1] * 20)]++;
    }
    expect(Math.abs(chiSquareDeviations(counts))).toBeLessThan(LIMIT);
  });

  it.each(walks)('has no correlation of neighbours at lags 1, 2 and 256, over %s', (_, at) => {
    const values = series(50_256, at);
    for (const lag of [1, 2, 256]) {
      const deviations = correlationDeviations(
        values.slice(0, 50_000),
        values.slice(lag, lag + 50_000),
      );
      expect(Math.abs(deviations)).toBeLessThan(LIMIT);
    }
  });

  it('gives independent sequences to the same entities under two purposes, seeds or replications', () => {
    const own = series(50_000, (i) => draws.uniform(i, 0));
    for (const other of [
      new KeyedDraws(42, 0, 'failures/rack'),
      new KeyedDraws(43, 0, 'failures/node'),
      new KeyedDraws(42, 1, 'failures/node'),
    ]) {
      const theirs = series(50_000, (i) => other.uniform(i, 0));
      expect(Math.abs(correlationDeviations(own, theirs))).toBeLessThan(LIMIT);
    }
  });

  it('refuses seeds and replications that are not non-negative safe integers', () => {
    for (const bad of [-1, 0.5, Number.NaN, TWO_53]) {
      expect(() => new KeyedDraws(bad, 0, 'x')).toThrow(InvariantError);
      expect(() => new KeyedDraws(0, bad, 'x')).toThrow(InvariantError);
    }
  });
});

/** Frozen on Node 20: a change of these is a change of every result ("results change" in the change log). */
const FROZEN_NAMES: number[] = [
  1114313666266767, 4748896638089150, 4912726632668627, 506897842719179, 2902241999184235,
];
const FROZEN_PAIRS: number[] = [
  1554804624562103, 8737477177707146, 7934804026025029, 6923300387441022, 5168616723170476,
];
const FROZEN_DRAWS: number[] = [
  0.16135228320842254, 0.48754397349914214, 0.13460956502188004, 0.5288505742099897,
];
