import { defineFailures } from '../../contracts/policy.ts';
import { exponential as exponentialLaw, type Sampler } from '../../random/distributions.ts';
import { paramsOf } from '../params.ts';
import { MTBF_HELP, REPAIR_HELP, RenewalModel, readMtbf, readRepair } from './renewal.ts';

interface ExponentialParams {
  readonly mtbf: number;
  readonly repair: Sampler;
}

/**
 * Nodes fail without memory: time up is exponential with mean `mtbf`, time down follows `repair`.
 *
 * Availability in the long run: mtbf / (mtbf + mean repair). *Draws*: two per node and cycle.
 */
export const exponential = defineFailures<ExponentialParams>({
  name: 'exponential',
  summary: 'Nodes fail without memory and are repaired.',
  formula: 'time up = -mtbf * ln(1 - u); availability mtbf / (mtbf + mean repair)',
  paramsHelp: { mtbf: MTBF_HELP, repair: REPAIR_HELP },
  params: paramsOf((fields) => ({ mtbf: readMtbf(fields), repair: readRepair(fields) })),
  create: ({ mtbf, repair }, { stream }) => new RenewalModel(exponentialLaw(mtbf), repair, stream),
});
