import { nearest } from '../../base/nearest.ts';
import { defineScheduling } from '../../contracts/policy.ts';
import type { NodeFilter, NodeScore, TieOrder } from '../../contracts/scheduling.ts';
import type { ClusterView } from '../../model/view.ts';
import { FieldReader, isRecord, paramsOf } from '../params.ts';
import { gpuNodesForGpuPods, HeadroomFilter } from './filters.ts';
import {
  bestFit,
  type DeclaredTerm,
  dotProduct,
  leastAllocated,
  mostAllocated,
  worstFit,
} from './terms.ts';
import { CPU_MEMORY, CPU_MEMORY_GPU, readWeights } from './weights.ts';

/** The declared terms by name, in name order. */
const TERMS: Readonly<Record<string, DeclaredTerm>> = {
  'best-fit': { make: bestFit, resources: CPU_MEMORY_GPU },
  'dot-product': { make: dotProduct, resources: CPU_MEMORY_GPU },
  'least-allocated': { make: leastAllocated, resources: CPU_MEMORY },
  'most-allocated': { make: mostAllocated, resources: CPU_MEMORY },
  'worst-fit': { make: worstFit, resources: CPU_MEMORY_GPU },
};
const TIES: readonly TieOrder[] = ['index', 'rank', 'uniform', 'capacity', 'rotate'];
const FILTERS = ['gpu-nodes-for-gpu-pods', 'headroom'] as const;

interface ProfileParams {
  readonly filters: readonly ((cluster: ClusterView) => NodeFilter)[];
  readonly scores: readonly {
    readonly weight: number;
    readonly make: (cluster: ClusterView) => NodeScore;
  }[];
  readonly ties: TieOrder;
}

/**
 * Composes a profile from declared terms: `scores: {least-allocated: 1, dot-product: {weight: 2, resources: {cpu: 1}}}`.
 *
 * The node's score is the weighted sum of its terms, added in the order of the file. Default ties: `capacity`.
 */
export const profile = defineScheduling<ProfileParams>({
  name: 'profile',
  summary: 'Your own mix of the declared filters and scores.',
  formula: `sum(weight * term), terms ${Object.keys(TERMS).join(', ')}, each 0..100`,
  paramsHelp: {
    scores: 'term: weight, or term: {weight, resources}; at least one',
    filters: `list of ${FILTERS.join(', ')}; headroom as {use: headroom, ratio: 0.1}, of cpu and memory; default none`,
    ties: `one of ${TIES.join(', ')}; default capacity`,
  },
  params: paramsOf((fields) => ({
    filters: readFilters(fields),
    scores: readScores(fields),
    ties: fields.choice('ties', TIES, 'capacity'),
  })),
  create: ({ filters, scores, ties }, { cluster }) => ({
    kind: 'profile',
    filters: filters.map((make) => make(cluster)),
    scores: scores.map(({ weight, make }) => ({ weight, score: make(cluster) })),
    ties,
  }),
});

function readScores(fields: FieldReader): ProfileParams['scores'] {
  const raw = fields.any('scores');
  if (!isRecord(raw) || Object.keys(raw).length === 0) {
    fields.fail('scores', 'at least one term with its weight, such as {least-allocated: 1}');
    return [];
  }
  return Object.entries(raw).flatMap(([name, value]) => {
    const term = Object.hasOwn(TERMS, name) ? TERMS[name] : undefined;
    if (term === undefined) {
      const near = nearest(name, Object.keys(TERMS));
      const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
      fields.fail(`scores.${name}`, `one of ${Object.keys(TERMS).join(', ')}${hint}`);
      return [];
    }
    const own = new FieldReader(
      isRecord(value) ? value : { weight: value },
      fields.pathOf(`scores.${name}`),
    );
    const weight = own.number('weight', 1, 0, Number.MAX_VALUE);
    if (weight === 0 || weight === Number.POSITIVE_INFINITY) {
      own.fail('weight', 'a finite weight above 0: leave the term out instead');
    }
    const resources = readWeights(own, term.resources);
    fields.adopt(own.finish());
    return [{ weight, make: (cluster: ClusterView) => term.make(resources, cluster) }];
  });
}

function readFilters(fields: FieldReader): ProfileParams['filters'] {
  const raw = fields.any('filters');
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    fields.fail('filters', `a list of ${FILTERS.join(', ')}`);
    return [];
  }
  const seen = new Set<unknown>();
  return raw.flatMap((entry: unknown, i) => {
    const path = `filters[${i}]`;
    const own = new FieldReader(isRecord(entry) ? entry : { use: entry }, fields.pathOf(path));
    const use = own.any('use');
    if (seen.has(use)) own.fail('use', 'each filter once');
    seen.add(use);
    let make: ((cluster: ClusterView) => NodeFilter) | null = null;
    if (use === 'headroom') {
      const ratio = own.number('ratio', 0.1, 0, 1);
      if (ratio === 0 || ratio === 1) own.fail('ratio', 'a share between 0 and 1');
      make = (cluster) => new HeadroomFilter(ratio, cluster);
    } else if (use === 'gpu-nodes-for-gpu-pods') {
      make = () => gpuNodesForGpuPods;
    } else {
      own.fail('use', `one of ${FILTERS.join(', ')}`);
    }
    fields.adopt(own.finish());
    return make === null ? [] : [make];
  });
}
