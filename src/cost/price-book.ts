import { InvariantError } from '../base/errors.ts';
import type { PoolUsage } from './usage.ts';

/**
 * The default rates of OpenCost: dollars per core-hour, GiB-hour and GPU-hour. Only their proportions matter here.
 *
 * *Source*: opencost `configs/default.json`; facts, F4.
 */
export const OPENCOST_RATES = { cpu: 0.031611, memory: 0.004237, gpu: 0.95 } as const;

/** What an hour of one unit of each resource costs on one kind of node, dollars. */
export interface UnitPrices {
  readonly cpuCoreHour: number;
  readonly memoryGibHour: number;
  readonly gpuHour: number;
}

/**
 * Splits a node's price over its cpu, memory and GPUs in proportion to OpenCost's default rates, so that the parts sum to
 * the price: unit price = rate x price / (cores x cpu rate + GiB x memory rate + GPUs x GPU rate).
 *
 * @param dollarsPerNodeHour at least 0
 * @param node quantities of one node, not all 0
 * @returns dollars per core-hour, GiB-hour and GPU-hour; a resource that the node lacks still has its rate
 * @throws InvariantError for a negative price or a node with nothing on it
 *
 * *Source*: OpenCost specification 0.1 (ratio rule); facts, H1.
 */
export function splitPrice(dollarsPerNodeHour: number, node: PoolUsage['node']): UnitPrices {
  if (!(dollarsPerNodeHour >= 0)) throw new InvariantError(`node price ${dollarsPerNodeHour}`);
  const listed =
    node.cpuCores * OPENCOST_RATES.cpu +
    node.memoryGib * OPENCOST_RATES.memory +
    node.gpus * OPENCOST_RATES.gpu;
  if (!(listed > 0)) throw new InvariantError('a node without cpu, memory and GPUs has no price');
  const scale = dollarsPerNodeHour / listed;
  return {
    cpuCoreHour: OPENCOST_RATES.cpu * scale,
    memoryGibHour: OPENCOST_RATES.memory * scale,
    gpuHour: OPENCOST_RATES.gpu * scale,
  };
}
