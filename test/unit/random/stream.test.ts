import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { makeStream, Sfc32, STREAM_ENGINES } from '../../../src/random/stream.ts';
import { cellCounts, chiSquareDeviations, correlationDeviations, series } from './statistics.ts';

const LIMIT = 4.2;

describe('Sfc32', () => {
  it('gives the words of PractRand 0.94 for a seed of three words', () => {
    // Source: Apache Commons RNG, DotyHumphreySmallFastCounting32Test, written against PractRand's C++ code.
    const stream = new Sfc32(0xbb3c4104, 0x02294965, 0xda1ce2a9);
    expect(series(8, () => stream.next() >>> 0)).toEqual([
      0x89b5c414, 0x7ee57639, 0xdbe18f7b, 0x94aa0162, 0xa22bff0a, 0x21c91fb8, 0x2c6fd6fe,
      0xcda90d13,
    ]);
  });

  it('makes a double of one word and the upper 21 bits of the next', () => {
    const words = new Sfc32(1, 2, 3);
    const high = words.next() >>> 0;
    const low = words.next() >>> 11;
    // (high 2^21 + low) / 2^53
    expect(new Sfc32(1, 2, 3).uniform()).toBe((high * 2097152 + low) / 9007199254740992);
  });
});

describe.each(STREAM_ENGINES)('the engine %s', (engine) => {
  it('gives the same values for ever', () => {
    const stream = makeStream(engine, 42, 0, 'workload/batch/arrivals');
    expect(series(3, () => stream.uniform())).toEqual(FROZEN[engine]);
  });

  it('depends on seed, replication and name', () => {
    const firsts = [
      makeStream(engine, 1, 2, 'a'),
      makeStream(engine, 2, 2, 'a'),
      makeStream(engine, 1, 1, 'a'),
      makeStream(engine, 1, 2, 'b'),
      makeStream(engine, 12, 2, 'a'),
      makeStream(engine, 1, 22, 'a'),
    ].map((stream) => stream.uniform());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('goes on exactly from a saved state, also through JSON and in another stream', () => {
    const stream = makeStream(engine, 42, 0, 'x');
    for (let i = 0; i < 1001; i++) stream.uniform();
    const state = stream.save();
    const text = JSON.stringify(state);
    const expected = series(100, () => stream.uniform());
    expect(JSON.stringify(state)).toBe(text);
    const other = makeStream(engine, 7, 3, 'y');
    other.restore(JSON.parse(text));
    expect(other.save()).toEqual(state);
    expect(series(100, () => other.uniform())).toEqual(expected);
    stream.restore(state);
    expect(series(100, () => stream.uniform())).toEqual(expected);
  });

  it('refuses what is not its state', () => {
    const stream = makeStream(engine, 42, 0, 'x');
    for (const bad of [null, 3, 'x', [], {}, [1, 2, 3, 0.5], { a: 1 }, { i: 0, j: 0, S: [] }]) {
      expect(() => stream.restore(bad)).toThrow(ScenarioError);
    }
    for (const other of STREAM_ENGINES) {
      if (other === engine) continue;
      const state = makeStream(other, 42, 0, 'x').save();
      expect(() => stream.restore(state)).toThrow(`a saved state of a ${engine} stream`);
    }
  });

  it('is uniform in (0, 1) and has no serial correlation', () => {
    const stream = makeStream(engine, 42, 0, 'x');
    const values = series(100_001, () => stream.uniform());
    expect(values.every((u) => u > 0 && u < 1)).toBe(true);
    expect(Math.abs(chiSquareDeviations(cellCounts(values, 1000)))).toBeLessThan(LIMIT);
    const deviations = correlationDeviations(values.slice(0, 100_000), values.slice(1));
    expect(Math.abs(deviations)).toBeLessThan(LIMIT);
  });

  it.each([1, 2, 5])('is uniform and uncorrelated over 10^4 adjacent names, in draw %i', (nth) => {
    const values = series(10_000, (i) => {
      const stream = makeStream(engine, 42, 0, `c-1/pool/${i}`);
      for (let k = 1; k < nth; k++) stream.uniform();
      return stream.uniform();
    });
    expect(Math.abs(chiSquareDeviations(cellCounts(values, 100)))).toBeLessThan(LIMIT);
    const deviations = correlationDeviations(values.slice(0, -1), values.slice(1));
    expect(Math.abs(deviations)).toBeLessThan(LIMIT);
    const pairs = new Float64Array(100);
    for (let i = 0; i + 1 < values.length; i += 2) {
      pairs[Math.floor(values[i] * 10) * 10 + Math.floor(values[i + 1] * 10)]++;
    }
    expect(Math.abs(chiSquareDeviations(pairs))).toBeLessThan(LIMIT);
  });
});

describe('makeStream', () => {
  it.each(['xorshift7', 'xor128', 'seedrandom:xorshift7', 'seedrandom:xor128'])(
    'refuses %s and says why',
    (engine) => {
      expect(() => makeStream(engine, 1, 0, 'x')).toThrow(ScenarioError);
      expect(() => makeStream(engine, 1, 0, 'x')).toThrow(/correlate when their names are alike/);
    },
  );

  it('refuses an unknown engine with the list of the known ones', () => {
    expect(() => makeStream('mersenne', 1, 0, 'x')).toThrow(
      'random.engine: got mersenne, expected one of sfc32, seedrandom:arc4, seedrandom:alea, seedrandom:tychei',
    );
  });

  it('refuses a seed that is not a non-negative safe integer', () => {
    expect(() => makeStream('sfc32', -1, 0, 'x')).toThrow('seed must be an integer');
    expect(() => makeStream('sfc32', 1, 0.5, 'x')).toThrow('replication must be an integer');
  });
});

/** Frozen on Node 20. */
const FROZEN: Record<string, number[]> = {
  sfc32: [0.9051173848500349, 0.31829802510761684, 0.18254359997780711],
  'seedrandom:arc4': [0.5250535421347613, 0.8060424597279252, 0.25907016944876704],
  'seedrandom:alea': [0.6789185980989512, 0.6129222406580667, 0.9758273242186898],
  'seedrandom:tychei': [0.14552925234912018, 0.8881484469322795, 0.31725549604992764],
};
