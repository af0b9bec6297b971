import { asNode } from '../../base/ids.ts';
import type { FrameworkPod } from '../../contracts/framework.ts';
import { filterOf, statusOf } from './filter-run.ts';
import { PlainCycle, type RunnerParts } from './plain.ts';
import { reasonsAt } from './refusal.ts';
import type { CycleExplanation, NodeExplanation } from './scheduling-cycle.ts';

/**
 * Runs one plain cycle and tells it node by node: statuses, first refusals with their reasons, scores.
 *
 * *Cost*: every node asked by every plug-in.
 */
export function explainCycle(
  pod: FrameworkPod,
  parts: RunnerParts,
  startIndex: number,
): CycleExplanation {
  const cycle = new PlainCycle(parts);
  const outcome = cycle.decide(pod, startIndex);
  const { codes, examined, feasible, scores, totals } = cycle.thoughts;
  let rank = 0;
  const nodes = examined.map((position, k): NodeExplanation => {
    const n = asNode(parts.nodes.list[position]!);
    const code = codes[k]!;
    if (code !== 0) {
      return {
        node: n,
        status: statusOf(code),
        rejector: parts.profile.filters[filterOf(code)]!.name,
        reasons: reasonsAt(cycle.filters, pod, n),
        scores: null,
        total: null,
      };
    }
    const i = rank++;
    return {
      node: n,
      status: 0,
      rejector: null,
      reasons: [],
      scores: scores.map(({ normalised, raw, weight }) => ({
        raw: raw[i]!,
        normalised: normalised[i]!,
        weighted: weight * normalised[i]!,
      })),
      total: totals[i] ?? null,
    };
  });
  const top = Math.max(...totals);
  return {
    preFilter: cycle.filters.rejection,
    scores: scores.map(({ plugin, weight }) => ({ plugin, weight })),
    nodes,
    best: totals.length === 0 ? feasible : feasible.filter((_, i) => totals[i] === top),
    chosen: outcome.node,
  };
}
