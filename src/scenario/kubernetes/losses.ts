/** What of Kubernetes' files was read, and what is not modelled: counted by kind and field. */
import type { Path } from '../located.ts';

/** One kind: how many were read, or how many were not. */
export interface KindCount {
  readonly kind: string;
  readonly count: number;
}

/** One field of one kind that means something, and is not modelled. */
export interface LostField {
  readonly kind: string;
  /** `spec.containers[].livenessProbe`. */
  readonly field: string;
  /** How often it was written. */
  readonly count: number;
}

/** What became of the objects of Kubernetes' files. */
export interface LossReport {
  /** Objects that are part of the scenario, by kind. */
  readonly read: readonly KindCount[];
  /** Objects of kinds that are not modelled, by kind. */
  readonly ignored: readonly KindCount[];
  /** By kind, then field. */
  readonly fields: readonly LostField[];
  /** What was taken otherwise than written, in sentences, with counts. */
  readonly notes: readonly { readonly note: string; readonly count: number }[];
}

/** Counts. */
export class Losses {
  private readonly readKinds = new Map<string, number>();
  private readonly ignoredKinds = new Map<string, number>();
  private readonly lostFields = new Map<string, LostField>();
  private readonly notes = new Map<string, number>();

  /** An object was read. */
  read(kind: string): void {
    bump(this.readKinds, kind);
  }

  /** An object is of a kind that is not modelled. */
  ignored(kind: string): void {
    bump(this.ignoredKinds, kind);
  }

  /** A field was not read. */
  field(kind: string, path: Path): void {
    const field = patternOf(path);
    const id = `${kind}\n${field}`;
    const count = (this.lostFields.get(id)?.count ?? 0) + 1;
    this.lostFields.set(id, { kind, field, count });
  }

  /** Something was taken otherwise than written. */
  note(note: string): void {
    bump(this.notes, note);
  }

  /** The counts, in order of names. */
  report(): LossReport {
    const kinds = (counts: ReadonlyMap<string, number>): KindCount[] =>
      [...counts].map(([kind, count]) => ({ kind, count })).sort(byText(({ kind }) => kind));
    return {
      read: kinds(this.readKinds),
      ignored: kinds(this.ignoredKinds),
      fields: [...this.lostFields.values()].sort(byText(({ kind, field }) => `${kind}\n${field}`)),
      notes: [...this.notes].map(([note, count]) => ({ note, count })).sort(byText((n) => n.note)),
    };
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function byText<T>(of: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
}

/** A path without the numbers of lists: `spec.containers[].image`. */
function patternOf(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += '[]';
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
