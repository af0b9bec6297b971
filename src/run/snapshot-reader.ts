/** Puts a snapshot in the place of the state of a run that was just built. */
import { assert } from '../base/assert.ts';
import type { Hooked, Layout, SavedThing, Snapshot } from './snapshot-forms.ts';

type View = { readonly buffer: ArrayBufferLike };
const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

/** Reads one snapshot. */
export class SnapshotReader {
  private readonly snapshot: Snapshot;
  /** Things by number: those that were there first. */
  private readonly things: object[];
  private readonly prototypeOf: (name: string) => object | null;

  /**
   * @param things those that are there at the start, by number; the reader adds the others
   * @param prototypeOf by name of a class
   */
  constructor(snapshot: Snapshot, things: object[], prototypeOf: (name: string) => object | null) {
    this.snapshot = snapshot;
    this.things = things;
    this.prototypeOf = prototypeOf;
  }

  /** Makes what the saved run had made, then fills everything. */
  read(): void {
    const { born, firstMoving, things } = this.snapshot;
    const views: number[] = [];
    for (let number = born; number < firstMoving + things.length; number++) {
      const saved = things[number - firstMoving]!;
      if (this.layoutOf(saved).kind === 'view') views.push(number);
      else this.things[number] = this.shellOf(saved);
    }
    for (const number of views) this.things[number] = this.viewOf(things[number - firstMoving]!);
    things.forEach((saved, i) => {
      if (saved !== null) this.fill(this.things[firstMoving + i]!, saved);
    });
  }

  private layoutOf(saved: SavedThing): Layout {
    return this.snapshot.layouts[saved[0]]!;
  }

  private shellOf(saved: SavedThing): object {
    const { kind, name } = this.layoutOf(saved);
    switch (kind) {
      case 'array':
        return [];
      case 'map':
        return new Map();
      case 'set':
        return new Set();
      case 'buffer': {
        const length = saved[1][0] as number;
        return name === 'ArrayBuffer' ? new ArrayBuffer(length) : new SharedArrayBuffer(length);
      }
      default:
        return Object.create(this.prototypeOf(name)) as object;
    }
  }

  private viewOf(saved: SavedThing): View {
    const [buffer, offset, length] = saved[1] as readonly number[];
    const Type = VIEWS[this.layoutOf(saved).name as keyof typeof VIEWS];
    return new Type(this.things[buffer!] as ArrayBuffer, offset, length);
  }

  private fill(thing: object, saved: SavedThing): void {
    const { kind, keys } = this.layoutOf(saved);
    if (kind === 'view') return;
    if (kind === 'buffer') {
      const bytes = new Uint8Array(thing as ArrayBuffer);
      const kept = saved[1][1] as Uint8Array;
      bytes.set(kept);
      bytes.fill(0, kept.length);
      return;
    }
    if (kind === 'hook') {
      (thing as Hooked).restore(saved[1][0]);
      return;
    }
    const values = this.valuesOf(saved);
    switch (kind) {
      case 'array':
        fillArray(thing as unknown[], values);
        return;
      case 'map':
        fillMap(thing as Map<unknown, unknown>, values);
        return;
      case 'set':
        (thing as Set<unknown>).clear();
        for (const value of values) (thing as Set<unknown>).add(value);
        return;
      default:
        fillObject(thing as Record<string, unknown>, keys, values);
    }
  }

  /** The values with things for their numbers. */
  private valuesOf([, values, places]: SavedThing): readonly unknown[] {
    if (places === null) return values;
    const filled = values.slice();
    for (const place of places) {
      const thing = this.things[filled[place] as number];
      assert(thing !== undefined, 'a snapshot points to a thing that it does not have');
      filled[place] = thing;
    }
    return filled;
  }
}

/** Places that have no element keep none. */
function fillArray(array: unknown[], values: readonly unknown[]): void {
  if (isSame(array, values)) return;
  array.length = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined || i in values) array[i] = value;
    else array.length = i + 1;
  }
}

function isSame(array: readonly unknown[], values: readonly unknown[]): boolean {
  if (array.length !== values.length) return false;
  for (let i = 0; i < values.length; i++) {
    if (!Object.is(values[i], array[i])) return false;
    if (values[i] === undefined && i in values !== i in array) return false;
  }
  return true;
}

function fillMap(map: Map<unknown, unknown>, values: readonly unknown[]): void {
  map.clear();
  for (let i = 0; i < values.length; i += 2) map.set(values[i], values[i + 1]);
}

/** Assigns what differs; keys that came, went or moved are put in their order again. */
function fillObject(
  object: Record<string, unknown>,
  keys: readonly string[],
  values: readonly unknown[],
): void {
  const present = Object.keys(object).filter((key) => {
    const field = Object.getOwnPropertyDescriptor(object, key)!;
    return field.get === undefined && field.set === undefined;
  });
  const isAlike = present.length === keys.length && present.every((key, i) => key === keys[i]);
  if (!isAlike) for (const key of present) delete object[key];
  keys.forEach((key, i) => {
    if (!isAlike || !Object.is(object[key], values[i])) object[key] = values[i];
  });
}
