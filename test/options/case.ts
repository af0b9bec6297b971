/** The shape of one case: a field, one change of it, and what that must show in. */
import type { BASES } from './bases.ts';
import type { Part } from './outcome.ts';

/** A field, a change of it, and what must come of that. */
export interface Case {
  readonly field: string;
  readonly base: keyof typeof BASES;
  /** Overrides of both runs. */
  readonly given: readonly string[];
  /** Overrides of the second run. */
  readonly change: readonly string[];
  /** The part that must differ, `same` for a bundle that must not, or the text of the refusal. */
  readonly shows: Part | 'same' | RegExp;
}

type Shows = Case['shows'];
type Base = Case['base'];
/** `[field, what shows, base, change, given]`, the last two a text or a list: see {@link Case}. */
export type Row = readonly [
  string,
  Shows,
  Base,
  string | readonly string[],
  (string | readonly string[])?,
];
