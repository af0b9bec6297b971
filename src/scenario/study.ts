/** A study as plain data: scenarios, axes, design and how to compare. Files and the command line both become this. */
import type { Place } from './located.ts';
import type { Range } from './study-values.ts';

/** One field of a scenario that a study sets. */
export interface Setting {
  /** A path as in overrides: `policies.scheduling`, `workloads.web.pod.cpu`. */
  readonly key: string;
  /** The value in YAML, printed by `canonicalValue`. */
  readonly value: string;
  readonly place: Place;
}

/** One value of an axis, which may set several fields together. */
export interface AxisPoint {
  readonly label: string;
  readonly settings: readonly Setting[];
}

/** What is varied: a list of points, or a range that a Latin hypercube samples. */
export type StudyAxis =
  | { readonly kind: 'list'; readonly name: string; readonly points: readonly AxisPoint[] }
  | {
      readonly kind: 'range';
      readonly name: string;
      readonly key: string;
      readonly range: Range;
      readonly place: Place;
    };

/** How points are made of axes: every combination, or lists crossed with a sample of all ranges. */
export type Design =
  | { readonly kind: 'grid' }
  | {
      readonly kind: 'lhs';
      readonly points: number;
      /** Of the sample; null takes the seed of the study. */
      readonly seed: number | null;
    };

/** A text and where it was written. */
export interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

/** A study. */
export interface Study {
  readonly name: string;
  readonly question: string;
  /** Scenario files by the path to read them from; several are an axis of their own. */
  readonly scenarios: readonly PlacedText[];
  /** What every point sets, before its axes. */
  readonly set: readonly Setting[];
  readonly axes: readonly StudyAxis[];
  readonly design: Design;
  readonly replications: number;
  /** Null where neither the study nor the command line has one. */
  readonly seed: number | null;
  /** Name of a point or of a value of one axis; null compares policies with the first of them. */
  readonly baseline: PlacedText | null;
  /** What to compare, as in `compare --metrics`; null for the usual metrics. */
  readonly metrics: readonly PlacedText[] | null;
}

/** Name of the axis that several scenarios make. */
export const SCENARIO_AXIS = 'scenario';
