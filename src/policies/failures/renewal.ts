/** What the renewal models share: draws per node and cycle, and the law of repair. */
import type { Distribution } from '../../base/distribution.ts';
import { ScenarioError } from '../../base/errors.ts';
import { parseDuration } from '../../base/units.ts';
import type { FailureModel } from '../../contracts/failures.ts';
import type { PolicyStream } from '../../contracts/policy.ts';
import { compileDistribution, type Sampler } from '../../random/distributions.ts';
import { type FieldReader, isRecord } from '../params.ts';

/**
 * Up for a drawn time, down for a drawn time, again.
 *
 * *Draws*: entity = the node's key; draw 2 * cycle is the time up, 2 * cycle + 1 the time down. Times are rounded to whole
 * microseconds, at least 1.
 */
export class RenewalModel implements FailureModel {
  private readonly up: Sampler;
  private readonly down: Sampler;
  private readonly stream: PolicyStream;

  constructor(up: Sampler, down: Sampler, stream: PolicyStream) {
    this.up = up;
    this.down = down;
    this.stream = stream;
  }

  upUs(nodeKey: number, cycle: number): number {
    return wholeUs(this.up.at(this.stream.uniform(nodeKey, 2 * cycle)));
  }

  downUs(nodeKey: number, cycle: number): number {
    return wholeUs(this.down.at(this.stream.uniform(nodeKey, 2 * cycle + 1)));
  }
}

/** The calendar has whole microseconds, and a state lasts at least one of them. */
function wholeUs(us: number): number {
  return Math.max(1, Math.round(us));
}

/** Help of the parameter `repair`. */
export const REPAIR_HELP =
  'time to repair: "4h" (constant), or a law in microseconds such as {law: exponential, mean: 14400000000}';
/** Help of the parameter `mtbf`. */
export const MTBF_HELP = 'mean time up between failures: "365d", or a number of microseconds';

/** Reads a mean: a duration as people write it, or microseconds as the scenario's loader hands them on. */
export function readMtbf(fields: FieldReader): number {
  const raw = fields.any('mtbf');
  if (typeof raw === 'number' && raw >= 1 && Number.isFinite(raw)) return raw;
  const parsed = typeof raw === 'string' ? parseDuration(raw) : null;
  if (parsed !== null && 'value' in parsed && parsed.value >= 1) return parsed.value;
  fields.fail('mtbf', 'a duration above 0, such as "365d"');
  return 1;
}

/** Reads the law of repair; issues name its wrong parameters. */
export function readRepair(fields: FieldReader): Sampler {
  const raw = fields.any('repair');
  const fallback = compileDistribution({ law: 'constant', value: 1 });
  if (typeof raw === 'string') {
    const parsed = parseDuration(raw);
    if ('value' in parsed && parsed.value >= 1) {
      return compileDistribution({ law: 'constant', value: parsed.value });
    }
  } else if (isRecord(raw) && typeof raw.law === 'string') {
    try {
      return compileDistribution(raw as unknown as Distribution);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      for (const issue of error.issues) fields.fail(`repair.${issue.path}`, issue.expected);
      return fallback;
    }
  }
  fields.fail('repair', 'a duration above 0 such as "4h", or a law');
  return fallback;
}
