import { gammaFunction } from '../../base/numeric.ts';
import { defineFailures } from '../../contracts/policy.ts';
import { type Sampler, weibull as weibullLaw } from '../../random/distributions.ts';
import { paramsOf } from '../params.ts';
import { MTBF_HELP, REPAIR_HELP, RenewalModel, readMtbf, readRepair } from './renewal.ts';

interface WeibullParams {
  readonly mtbf: number;
  readonly shape: number;
  readonly repair: Sampler;
}

/**
 * Nodes fail with age: time up is Weibull with mean `mtbf`; `shape` below 1 fails early, 1 is exponential, above 1 wears out.
 *
 * Scale = mtbf / Gamma(1 + 1/shape). Every repair makes the node as new. *Draws*: two per node and cycle.
 */
export const weibull = defineFailures<WeibullParams>({
  name: 'weibull',
  summary: 'Nodes fail early (shape below 1) or wear out (above 1) and are repaired as new.',
  formula: 'time up = scale * (-ln(1 - u))^(1/shape), scale = mtbf / Gamma(1 + 1/shape)',
  paramsHelp: {
    mtbf: MTBF_HELP,
    shape: 'from 0.1 to 100; below 1 early failures, above 1 wear; must be given',
    repair: REPAIR_HELP,
  },
  params: paramsOf((fields) => ({
    mtbf: readMtbf(fields),
    shape: fields.number('shape', Number.NaN, 0.1, 100),
    repair: readRepair(fields),
  })),
  create: ({ mtbf, shape, repair }, { stream }) => {
    const scale = mtbf / gammaFunction(1 + 1 / shape);
    return new RenewalModel(weibullLaw(shape, scale), repair, stream);
  },
});
