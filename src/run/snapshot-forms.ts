/** The forms in which a state is written down. */

/** What a thing is to a snapshot. */
export type ThingKind = 'array' | 'map' | 'set' | 'buffer' | 'view' | 'object' | 'native';

/** How the values of a saved thing are to be read. */
export interface Layout {
  /** `hook`: the one value is what the thing's own `save` gave. */
  readonly kind: Exclude<ThingKind, 'native'> | 'hook';
  /** Its class. */
  readonly name: string;
  /** Fields in order; of objects only. */
  readonly keys: readonly string[];
}

/** A thing: its layout, its values, and the places among the values that are numbers of things; null for none. */
export type SavedThing = readonly [
  layout: number,
  values: readonly unknown[],
  things: readonly number[] | null,
];

/** The state of a run at an instant, as plain data and bytes. */
export interface Snapshot {
  /** Hash of the classes of all things that were there at the start. */
  readonly fingerprint: number;
  /** Things that were there at the start. */
  readonly born: number;
  /** The first of them that moves. */
  readonly firstMoving: number;
  readonly layouts: readonly Layout[];
  /** From the first that moves on; null for what is never saved. */
  readonly things: readonly (SavedThing | null)[];
}

/** Something that saves and restores itself, as the contracts ask of policies with a memory. */
export interface Hooked {
  save(): unknown;
  restore(saved: unknown): void;
}

/** Things that hold their state in the engine, or none, by tag: weak maps (which are caches here), decoders, patterns. */
const NATIVES = new Set(
  ['WeakMap', 'WeakSet', 'WeakRef', 'Promise', 'RegExp', 'Date', 'TextDecoder', 'TextEncoder'].map(
    (name) => `[object ${name}]`,
  ),
);

/** Says what a thing is. */
export function kindOf(thing: object): ThingKind {
  if (Array.isArray(thing)) return 'array';
  if (ArrayBuffer.isView(thing)) return thing instanceof DataView ? 'native' : 'view';
  if (thing instanceof Map) return 'map';
  if (thing instanceof Set) return 'set';
  if (thing instanceof ArrayBuffer || thing instanceof SharedArrayBuffer) return 'buffer';
  return NATIVES.has(Object.prototype.toString.call(thing)) ? 'native' : 'object';
}

/** True for things that are never written. */
export function isFrozenKind(kind: ThingKind): boolean {
  return kind === 'native';
}

/** True if a thing itself, or its class, has both `save` and `restore`. */
export function hasHook(thing: object): boolean {
  const { save, restore } = thing as Partial<Hooked>;
  if (typeof save !== 'function' || typeof restore !== 'function') return false;
  const prototype = Object.getPrototypeOf(thing) as object | null;
  // What a guard puts around a policy inherits both from the policy, which is a thing of its own.
  return (
    Object.hasOwn(thing, 'save') || prototype === null || Object.hasOwn(prototype, 'constructor')
  );
}
