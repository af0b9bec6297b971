import type { FeasibleNodes, Normalisation } from '../../contracts/framework.ts';

/** Largest score of a node after normalisation. */
export const SCORE_MAX = 100;

/**
 * Rewrites the raw scores of one plug-in over exactly the feasible nodes, in place.
 *
 * @param scores raw integers, `scores[i]` of `feasible.list[i]`; products by 100 stay below 2^53
 * @param state what the plug-in's PreScore made
 *
 * *Source*: Kubernetes v1.34 DefaultNormalizeScore; division truncates.
 */
export function normalise<State>(
  how: Normalisation<State>,
  scores: Float64Array,
  feasible: FeasibleNodes,
  state: State,
): void {
  if (how === 'none') return;
  if (typeof how === 'function') {
    how(scores, feasible, state);
    return;
  }
  const { count } = feasible;
  let max = 0;
  for (let i = 0; i < count; i++) if (scores[i]! > max) max = scores[i]!;
  const isReversed = how === 'reversed';
  if (max === 0) {
    if (isReversed) scores.fill(SCORE_MAX, 0, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const share = Math.trunc((SCORE_MAX * scores[i]!) / max);
    scores[i] = isReversed ? SCORE_MAX - share : share;
  }
}
