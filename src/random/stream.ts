/**
 * Stateful streams for coarse entities: one per arrival process or policy instance. Fine ones (pods, nodes) use the
 * keyed draws of `draw.ts`, which need no state.
 *
 * Guarantees: a stream is a pure function of (engine, seed, replication, name); its state is plain data, saved and
 * restored exactly. Price: the order of calls matters, so a stream must have one owner.
 */
import seedrandom from 'seedrandom';
import { ScenarioError } from '../base/errors.ts';
import { assertKey, combineKeys, keyOf } from './draw.ts';

/** A sequence of uniform draws whose state is data. */
export interface RandomStream {
  /** Gives the next double in (0, 1), of up to 53 random bits. *Cost*: 5-60 ns by engine, no allocation. */
  uniform(): number;
  /** Copies the state as plain data that survives JSON and structured clone. */
  save(): unknown;
  /**
   * Continues from a saved state of the same engine; the data is copied.
   *
   * @throws ScenarioError (exit 3) if the data is not such a state: a checkpoint of another engine or version
   */
  restore(state: unknown): void;
}

/** Names of the engines in the order of the documentation; the first is the default. */
export const STREAM_ENGINES = [
  'sfc32',
  'seedrandom:arc4',
  'seedrandom:alea',
  'seedrandom:tychei',
] as const;

/** An engine that {@link makeStream} can make. */
export type StreamEngine = (typeof STREAM_ENGINES)[number];

/**
 * Makes a stream.
 *
 * @param engine a name of {@link STREAM_ENGINES}
 * @param seed the run's seed, an integer in [0, 2^53)
 * @param replication number of the replication, from 0
 * @param name what the stream is for, `workload/batch/arrivals`; equal names give equal streams
 * @throws ScenarioError if the engine is unknown, or one of seedrandom's whose named streams correlate
 * @throws InvariantError if seed or replication is not a non-negative safe integer
 */
export function makeStream(
  engine: string,
  seed: number,
  replication: number,
  name: string,
): RandomStream {
  assertKey(seed, 'seed');
  assertKey(replication, 'replication');
  if (engine === 'sfc32') {
    const key = combineKeys(combineKeys(seed, replication), keyOf(name));
    // The third word follows from the key: two names share a stream only if they share all 53 bits.
    const more = combineKeys(key, 1);
    return new Sfc32(key | 0, (key / 4294967296) | 0, more | 0);
  }
  // Text, not a hash: anyone can repeat the stream with seedrandom alone. The two numbers hold no slash.
  const text = `${seed}/${replication}/${name}`;
  switch (engine) {
    case 'seedrandom:arc4':
      return new SeedrandomStream<seedrandom.State.Arc4>(
        engine,
        (state) => seedrandom(text, { state }),
        ['i', 'j'],
      );
    case 'seedrandom:alea':
      return new SeedrandomStream<seedrandom.State.Alea>(
        engine,
        (state) => seedrandom.alea(text, { state }),
        ['c', 's0', 's1', 's2'],
      );
    case 'seedrandom:tychei':
      return new SeedrandomStream<seedrandom.State.Tychei>(
        engine,
        (state) => seedrandom.tychei(text, { state }),
        ['a', 'b', 'c', 'd'],
      );
    default:
      throw refusal(engine);
  }
}

/**
 * Engines of seedrandom whose streams for similar names are correlated: over 10^4 adjacent names the second draws of
 * neighbours correlate by 0.63 in seedrandom 3.0.5, 63 standard errors.
 */
const CORRELATED = new Set(['xorshift7', 'xor128', 'seedrandom:xorshift7', 'seedrandom:xor128']);

function refusal(engine: string): ScenarioError {
  const hint = CORRELATED.has(engine)
    ? 'streams of this engine correlate when their names are alike, so entities would share their luck'
    : undefined;
  const expected = `one of ${STREAM_ENGINES.join(', ')}`;
  return new ScenarioError([{ path: 'random.engine', value: engine, expected, hint }]);
}

function badState(engine: string): ScenarioError {
  return new ScenarioError(
    [{ path: 'state', expected: `a saved state of a ${engine} stream of this version` }],
    3,
  );
}

const isInt32 = (value: unknown): value is number =>
  typeof value === 'number' && (value | 0) === value;

/**
 * Small fast counting generator of 32-bit words, 128 bits of state, period at least 2^32 and 2^127 on average.
 *
 * *Source*: C. Doty-Humphrey, PractRand 0.94, `RNGs/sfc32`: three seed words, counter 1, fifteen rounds discarded.
 */
export class Sfc32 implements RandomStream {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  /** Seeds with three 32-bit words, signed or unsigned. */
  constructor(a: number, b: number, c: number) {
    this.a = a | 0;
    this.b = b | 0;
    this.c = c | 0;
    this.counter = 1;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** Gives the next word as a signed 32-bit integer. */
  next(): number {
    const { b, c } = this;
    const word = (this.a + b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = b ^ (b >>> 9);
    this.b = (c + (c << 3)) | 0;
    this.c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word;
  }

  uniform(): number {
    // 32 high and 21 low bits; zero (2^-53 of all draws) is drawn again.
    for (;;) {
      const high = this.next() >>> 0;
      const numerator = high * 2097152 + (this.next() >>> 11);
      if (numerator !== 0) return numerator / 9007199254740992;
    }
  }

  save(): unknown {
    return [this.a, this.b, this.c, this.counter];
  }

  restore(state: unknown): void {
    if (!Array.isArray(state) || state.length !== 4 || !state.every(isInt32)) {
      throw badState('sfc32');
    }
    [this.a, this.b, this.c, this.counter] = state as [number, number, number, number];
  }
}

/** Adapts an engine of seedrandom: all 53 bits, zero excluded, state as data. */
class SeedrandomStream<State> implements RandomStream {
  private readonly engine: string;
  private readonly make: (state: State | true) => seedrandom.StatefulPRNG<State>;
  /** Numeric fields that a state must have. */
  private readonly fields: readonly string[];
  private generator: seedrandom.StatefulPRNG<State>;

  constructor(
    engine: string,
    make: (state: State | true) => seedrandom.StatefulPRNG<State>,
    fields: readonly string[],
  ) {
    this.engine = engine;
    this.make = make;
    this.fields = fields;
    this.generator = make(true);
  }

  uniform(): number {
    for (;;) {
      const u = this.generator.double();
      if (u !== 0) return u;
    }
  }

  save(): unknown {
    return this.generator.state();
  }

  restore(state: unknown): void {
    if (typeof state !== 'object' || state === null) throw badState(this.engine);
    const numbers = state as Record<string, unknown>;
    for (const field of this.fields) {
      if (typeof numbers[field] !== 'number') throw badState(this.engine);
    }
    const withTable = this.engine === 'seedrandom:arc4';
    if (withTable && !isPermutation(numbers.S)) throw badState(this.engine);
    if (Object.keys(numbers).length !== this.fields.length + (withTable ? 1 : 0)) {
      throw badState(this.engine);
    }
    this.generator = this.make(state as State);
  }
}

/** Says whether a value is an ARC4 table: the numbers 0 to 255, each once. */
function isPermutation(table: unknown): boolean {
  if (!Array.isArray(table) || table.length !== 256) return false;
  const seen = new Uint8Array(256);
  for (const value of table) {
    if (!Number.isInteger(value) || value < 0 || value > 255 || seen[value] === 1) return false;
    seen[value] = 1;
  }
  return true;
}
