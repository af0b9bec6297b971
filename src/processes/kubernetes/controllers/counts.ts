/** Numbers of pods that may be shares: which way Kubernetes rounds them. */

/** A number of pods, or a share of all of them in whole percent. */
export type CountOrPercent =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** Rounds a share up; a count passes through. */
export function roundedUp(value: CountOrPercent, of: number): number {
  return value.kind === 'count' ? value.count : Math.ceil((of * value.percent) / 100);
}

/** Rounds a share down; a count passes through. */
export function roundedDown(value: CountOrPercent, of: number): number {
  return value.kind === 'count' ? value.count : Math.floor((of * value.percent) / 100);
}

/** Rounds half away from zero. */
export function roundedAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}
