/**
 * Keyed draws: value = mix(seed, replication, purpose, entity, draw), without state.
 *
 * Guarantee: a draw depends on its five keys and on nothing else, so a new draw never shifts another's, two policies
 * meet the same luck, and any order of calls (or number of threads) gives the same values. Price: each draw is mixed
 * from its keys, two integer permutations, instead of advancing one state.
 *
 * A key is a 53-bit non-negative integer, handled as two lanes of 32 and 21 bits. Each step below is a bijection of the
 * pair of lanes (xor-shift, multiplication by an odd constant, xor of a function of the other lane), so keys that
 * differ in one word cannot meet before the last truncation to 53 bits.
 *
 * Source: the multipliers and shifts are those of lowbias32 and triple32 (C. Wellons, hash-prospector); the cross-lane
 * arrangement is ours and is held by the avalanche, chi-square and correlation tests in `test/unit/random/draw.test.ts`.
 */
import { assert } from '../base/assert.ts';

const TWO_32 = 4294967296;
const INVERSE_TWO_32 = 1 / TWO_32;
/** Weights of the high lane and of the last bit of a key that is read as a fraction. */
const INVERSE_TWO_21 = 1 / 2097152;
const INVERSE_TWO_53 = INVERSE_TWO_32 * INVERSE_TWO_21;

/**
 * Hashes a name to a key that never changes between versions, machines or runs.
 *
 * @param name any string, read as UTF-16 code units; the empty string is a name too
 * @returns an integer in [0, 2^53)
 *
 * *Cost*: O(length), about 4 ns per character. Among 10^6 names a collision has probability 6e-5.
 */
export function keyOf(name: string): number {
  const length = name.length;
  let x = 0x9e3779b9 ^ length;
  let y = 0x243f6a88;
  for (let i = 0; i < length; i++) {
    x = Math.imul(x ^ name.charCodeAt(i), 0x21f0aaad);
    y = Math.imul(y ^ x ^ (x >>> 15), 0x735a2d97);
    x = (x + ((y << 13) | (y >>> 19))) | 0;
  }
  x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb);
  y = Math.imul(y ^ x ^ (x >>> 15), 0xac4c1b51);
  x = Math.imul(x ^ y ^ (y >>> 14), 0x31848bab);
  y = Math.imul(y ^ x ^ (x >>> 16), 0x21f0aaad);
  x ^= y ^ (y >>> 15);
  return (y >>> 11) * TWO_32 + (x >>> 0);
}

/**
 * Mixes two keys, or a key and a small integer, into a key. Not symmetric: `combineKeys(a, b)` is not
 * `combineKeys(b, a)`, so that (pod 3, draw 5) and (pod 5, draw 3) are different draws.
 *
 * @param a an integer in [0, 2^53)
 * @param b an integer in [0, 2^53)
 * @returns an integer in [0, 2^53)
 *
 * *Cost*: a few ns, no allocation.
 */
export function combineKeys(a: number, b: number): number {
  let x = (a | 0) ^ 0x9e3779b9;
  let y = (a * INVERSE_TWO_32) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  y = Math.imul(y ^ x ^ (x >>> 15), 0x735a2d97);
  x ^= y ^ (y >>> 15) ^ (b | 0);
  y ^= (b * INVERSE_TWO_32) | 0;
  x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb);
  y = Math.imul(y ^ x ^ (x >>> 15), 0xac4c1b51);
  x = Math.imul(x ^ y ^ (y >>> 14), 0x31848bab);
  y = Math.imul(y ^ x ^ (x >>> 16), 0x21f0aaad);
  x ^= y ^ (y >>> 15);
  return (y >>> 11) * TWO_32 + (x >>> 0);
}

/** Draws of one purpose, keyed by entity and draw number. Immutable; structurally a `PolicyStream`. */
export class KeyedDraws {
  /** The mix of seed, replication and purpose, as two lanes. */
  private readonly baseLow: number;
  private readonly baseHigh: number;

  /**
   * @param seed the run's seed, an integer in [0, 2^53)
   * @param replication number of the replication, from 0
   * @param purpose what the draws are for, `failures/node` or `policy/<name>/<cluster>`: one purpose, one meaning
   * @throws InvariantError if seed or replication is not a non-negative safe integer
   */
  constructor(seed: number, replication: number, purpose: string) {
    assertKey(seed, 'seed');
    assertKey(replication, 'replication');
    const base = combineKeys(combineKeys(seed, replication), keyOf(purpose));
    this.baseLow = base | 0;
    this.baseHigh = (base * INVERSE_TWO_32) | 0;
  }

  /**
   * Gives the draw of (entity, draw): an odd multiple of 2^-53, so 52 bits, never 0 and never 1, and 1 - u is exact.
   *
   * @param entity a stable key, an integer in [0, 2^53): see {@link keyOf}
   * @param draw which draw of that entity, an integer in [0, 2^53)
   * @returns a double uniform in (0, 1)
   *
   * *Cost*: a few ns, no allocation.
   */
  uniform(entity: number, draw: number): number {
    // The rounds of combineKeys(base xor entity, draw), without packing: the base is mixed already.
    let x = this.baseLow ^ (entity | 0);
    let y = this.baseHigh ^ ((entity * INVERSE_TWO_32) | 0);
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    y = Math.imul(y ^ x ^ (x >>> 15), 0x735a2d97);
    x ^= y ^ (y >>> 15) ^ (draw | 0);
    y ^= (draw * INVERSE_TWO_32) | 0;
    x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb);
    y = Math.imul(y ^ x ^ (x >>> 15), 0xac4c1b51);
    x = Math.imul(x ^ y ^ (y >>> 14), 0x31848bab);
    y = Math.imul(y ^ x ^ (x >>> 16), 0x21f0aaad);
    x ^= y ^ (y >>> 15);
    return (y >>> 11) * INVERSE_TWO_21 + ((x | 1) >>> 0) * INVERSE_TWO_53;
  }
}

/**
 * Checks a seed or replication number.
 *
 * @throws InvariantError unless the value is an integer in [0, 2^53)
 */
export function assertKey(value: number, what: string): void {
  assert(
    Number.isSafeInteger(value) && value >= 0,
    `${what} must be an integer in [0, 2^53), got ${value}`,
  );
}
