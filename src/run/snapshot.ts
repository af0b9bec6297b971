/**
 * The state of a run as data. A run is built anew from its scenario, which brings back every function, policy and table;
 * then what moves is taken from a snapshot.
 *
 * Building is deterministic, so that everything that exists before the first event has a number, the same in every build:
 * such things are found again, never copied. What a run makes later (pages, messages, shapes of a trace) is made again by
 * its class. A function that is made during a run cannot be saved: such a run is refused, with the place that holds it.
 *
 * *Guarantee*: after `restore`, the run goes on as the saved one would have: identity and sharing included, buffers under
 * several views too. *Price*: one number for each object that is there at the start; a snapshot copies nothing, so it must
 * be written before the run goes on.
 */
import { ScenarioError } from '../base/errors.ts';
import {
  type Hooked,
  hasHook,
  isFrozenKind,
  kindOf,
  type Layout,
  type SavedThing,
  type Snapshot,
} from './snapshot-forms.ts';
import { SnapshotReader } from './snapshot-reader.ts';

/** What a state consists of. */
export interface StateParts {
  /** Where the things that move hang. */
  readonly moving: readonly object[];
  /** What never changes during a run: numbered, so that moving things may point to it, never saved. */
  readonly still: readonly object[];
  /** What moving things may point to, each in a place of its own: neither looked into nor saved. */
  readonly outside?: readonly object[];
  /** Classes of which a run makes objects; those of things that are there at the start are known. */
  readonly classes: readonly (abstract new (
    ...args: never[]
  ) => object)[];
}

/** The numbered things of one built run. Made before its first event. */
export class RunState {
  /** Things by number. */
  private readonly things: object[] = [];
  private readonly numbers = new Map<object, number>();
  private readonly firstMoving: number;
  /** Things that are there at the start. */
  private readonly born: number;
  private readonly prototypes = new Map<string, object>();
  private readonly classNames = new Map<object, string>();
  private readonly fingerprint: number;

  /** *Cost*: O(objects of the run); the elements of columns are not visited. */
  constructor(parts: StateParts) {
    for (const thing of parts.outside ?? []) this.meet(thing);
    const outside = this.things.length;
    this.number(parts.still, outside);
    this.firstMoving = this.things.length;
    this.number(parts.moving, this.firstMoving);
    this.born = this.things.length;
    for (const made of parts.classes) this.know(made.prototype as object, made.name);
    let hash = this.firstMoving;
    this.things.forEach((thing, number) => {
      if (number < outside) return;
      const text = typeof thing === 'function' ? 'function' : this.learn(thing);
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    });
    this.fingerprint = hash;
  }

  /** Numbers everything that hangs on `roots`, breadth first. */
  private number(roots: readonly object[], from: number): void {
    const meet = (value: unknown): void => this.meet(value);
    for (const root of roots) meet(root);
    for (let i = from; i < this.things.length; i++) visitParts(this.things[i]!, meet);
  }

  /** Gives a thing its number, unless it has one. */
  private meet(value: unknown): void {
    const { things, numbers } = this;
    const isThing = (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (!isThing || numbers.has(value)) return;
    numbers.set(value, things.length);
    things.push(value);
  }

  /** The name of a thing's class; classes of one name get a number. */
  private learn(thing: object): string {
    const prototype = Object.getPrototypeOf(thing) as object | null;
    if (prototype === null) return NO_PROTOTYPE;
    const known = this.classNames.get(prototype);
    if (known !== undefined) return known;
    if (!Object.hasOwn(prototype, 'constructor')) return MADE_FROM_OBJECT;
    return this.know(prototype, prototype.constructor.name);
  }

  private know(prototype: object, name: string): string {
    const known = this.classNames.get(prototype);
    if (known !== undefined) return known;
    let free = name;
    for (let i = 2; this.prototypes.has(free); i++) free = `${name}#${i}`;
    this.prototypes.set(free, prototype);
    this.classNames.set(prototype, free);
    return free;
  }

  /**
   * Describes the state at this instant, between two events. Valid until the run goes on.
   *
   * @throws ScenarioError if something was made during the run that cannot be saved
   */
  save(): Snapshot {
    const writer = new Writer(this.born, this.numbers, (thing) => this.nameOf(thing));
    for (let i = this.firstMoving; i < this.born; i++) writer.write(this.things[i]!, true);
    writer.writeLater();
    return {
      fingerprint: this.fingerprint,
      born: this.born,
      firstMoving: this.firstMoving,
      layouts: writer.layouts,
      things: writer.written,
    };
  }

  private nameOf(thing: object): string {
    const prototype = Object.getPrototypeOf(thing) as object | null;
    if (prototype === null) return NO_PROTOTYPE;
    return this.classNames.get(prototype) ?? '';
  }

  /** True if a snapshot is of a run that was built alike. */
  fits(snapshot: Snapshot): boolean {
    return snapshot.fingerprint === this.fingerprint && snapshot.born === this.born;
  }

  /** Puts a snapshot that {@link fits} in the place of the state. */
  restore(snapshot: Snapshot): void {
    const prototypeOf = (name: string): object | null =>
      name === NO_PROTOTYPE ? null : this.prototypes.get(name)!;
    new SnapshotReader(snapshot, this.things.slice(0, this.born), prototypeOf).read();
  }
}

const NO_PROTOTYPE = '(none)';
/** Made by `Object.create` from another thing, which is a part of it. */
const MADE_FROM_OBJECT = '(made from an object)';

/** Meets everything that a thing holds. *Order*: of keys, elements and entries. */
function visitParts(thing: object, meet: (part: unknown) => void): void {
  if (typeof thing === 'function') return;
  switch (kindOf(thing)) {
    case 'array':
      for (const element of thing as unknown[]) meet(element);
      return;
    case 'map':
      for (const [key, value] of thing as Map<unknown, unknown>) {
        meet(key);
        meet(value);
      }
      return;
    case 'set':
      for (const element of thing as Set<unknown>) meet(element);
      return;
    case 'view':
      meet((thing as ArrayBufferView).buffer);
      return;
    case 'object': {
      const prototype = Object.getPrototypeOf(thing) as object | null;
      if (prototype !== null && !Object.hasOwn(prototype, 'constructor')) meet(prototype);
      for (const key of Object.keys(thing)) meet(dataOf(thing, key));
    }
  }
}

/** The value of a field; undefined for one that is computed. */
function dataOf(thing: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(thing, key)!.value;
}

/** Writes things down; what a run made gets its number when it is met. */
class Writer {
  readonly layouts: Layout[] = [];
  readonly written: (SavedThing | null)[] = [];
  private readonly layoutOf = new Map<string, number>();
  private readonly later: object[] = [];
  private readonly laterNumbers = new Map<object, number>();
  private readonly born: number;
  private readonly numbers: ReadonlyMap<object, number>;
  private readonly nameOf: (thing: object) => string;

  constructor(
    born: number,
    numbers: ReadonlyMap<object, number>,
    nameOf: (thing: object) => string,
  ) {
    this.born = born;
    this.numbers = numbers;
    this.nameOf = nameOf;
  }

  writeLater(): void {
    for (let i = 0; i < this.later.length; i++) this.write(this.later[i]!, false);
  }

  write(thing: object, isBorn: boolean): void {
    if (typeof thing === 'function') {
      this.written.push(null);
      return;
    }
    const kind = kindOf(thing);
    const name = this.nameOf(thing);
    if (isBorn && (isFrozenKind(kind) || hasHook(thing))) {
      const saved = hasHook(thing) ? [(thing as Hooked).save()] : null;
      this.written.push(saved === null ? null : [this.layout('hook', name, []), saved, null]);
      return;
    }
    const isUnknown = kind === 'native' || (name === '' && kind === 'object');
    if (!isBorn && isUnknown) throw refusal(`an object of class ${thing.constructor?.name}`);
    switch (kind) {
      case 'array':
        this.push(this.layout(kind, '', []), (thing as unknown[]).slice(), thing);
        return;
      case 'map':
        this.push(this.layout(kind, '', []), [...(thing as Map<unknown, unknown>)].flat(1), thing);
        return;
      case 'set':
        this.push(this.layout(kind, '', []), [...(thing as Set<unknown>)], thing);
        return;
      case 'buffer': {
        const buffer = thing as ArrayBuffer;
        const values = [buffer.byteLength, withoutZeros(buffer)];
        this.written.push([this.layout(kind, thing.constructor.name, []), values, null]);
        return;
      }
      case 'view': {
        const view = thing as Uint8Array;
        const values = [view.buffer, view.byteOffset, view.length];
        this.push(this.layout(kind, thing.constructor.name, []), values, thing);
        return;
      }
      default:
        this.writeFields(thing, name);
    }
  }

  private writeFields(thing: object, name: string): void {
    const keys: string[] = [];
    const values: unknown[] = [];
    for (const key of Object.keys(thing)) {
      const field = Object.getOwnPropertyDescriptor(thing, key)!;
      if (field.get !== undefined || field.set !== undefined) continue;
      keys.push(key);
      values.push(field.value);
    }
    this.push(this.layout('object', name, keys), values, thing);
  }

  /** Turns the things among values into their numbers. */
  private push(layout: number, values: unknown[], owner: object): void {
    let places: number[] | null = null;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'symbol') throw refusal(`a symbol in ${nameIn(owner)}`);
      const isThing = (typeof value === 'object' && value !== null) || typeof value === 'function';
      if (!isThing) continue;
      places ??= [];
      places.push(i);
      values[i] = this.numberOf(value, () => placeOf(owner, i));
    }
    this.written.push([layout, values, places]);
  }

  private numberOf(thing: object, place: () => string): number {
    const known = this.numbers.get(thing) ?? this.laterNumbers.get(thing);
    if (known !== undefined) return known;
    if (typeof thing === 'function') {
      throw refusal(`a function that was made during the run, in ${place()}`);
    }
    const number = this.born + this.later.length;
    this.laterNumbers.set(thing, number);
    this.later.push(thing);
    return number;
  }

  private layout(kind: Layout['kind'], name: string, keys: readonly string[]): number {
    const text = `${kind} ${name} ${keys.join('\n')}`;
    let layout = this.layoutOf.get(text);
    if (layout === undefined) {
      layout = this.layouts.push({ kind, name, keys }) - 1;
      this.layoutOf.set(text, layout);
    }
    return layout;
  }
}

function nameIn(owner: object): string {
  return owner.constructor?.name ?? 'an object';
}

function placeOf(owner: object, i: number): string {
  const name = nameIn(owner);
  return kindOf(owner) === 'object' ? `${name}.${Object.keys(owner)[i]}` : `${name}[${i}]`;
}

/** The bytes of a buffer up to the last that is not zero. */
function withoutZeros(buffer: ArrayBufferLike): Uint8Array {
  let end = buffer.byteLength;
  const words = new Float64Array(buffer, 0, end >>> 3);
  const bytes = new Uint8Array(buffer);
  while (end > words.length * 8 && bytes[end - 1] === 0) end--;
  if (end === words.length * 8) {
    let word = words.length;
    while (word > 0 && Object.is(words[word - 1], 0)) word--;
    end = word * 8;
  }
  return bytes.subarray(0, end);
}

function refusal(what: string): ScenarioError {
  return new ScenarioError([
    {
      path: '--checkpoint',
      value: what,
      expected: 'a run whose whole state is data',
      hint: 'run it without --checkpoint; a policy keeps its state in fields, or has save and restore',
    },
  ]);
}
