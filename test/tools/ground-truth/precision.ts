/** When a simulated value agrees with an exact one: 4 standard errors, which must be small themselves. */
import type { Estimate } from './batches.ts';
import type { Verdict } from './report.ts';
import { verdictOf } from './report.ts';

/** Standard errors that a simulated value may be off. */
const ERRORS = 4;
/** The run goes on until the error is this far below what is allowed: the error is itself an estimate. */
const MARGIN = 0.85;

/** The largest standard error that counts as an answer: 1 %, or 2 % of a probability under 0.05. */
export function errorAllowed(field: string, exact: number): number {
  return Math.abs(exact) * (field.startsWith('P_') && exact < 0.05 ? 0.02 : 0.01);
}

/** True if a run may end: the error of a field is small enough, with a margin. */
export function isPrecise(field: string, exact: number, estimate: Estimate): boolean {
  return estimate.standardError <= MARGIN * errorAllowed(field, exact);
}

/** Judges the fields of a case. @param estimates by field; a field without one is unknown */
export function judge(
  expected: Readonly<Record<string, number>>,
  estimates: ReadonlyMap<string, Estimate>,
): Verdict {
  const faults: string[] = [];
  const unknown: string[] = [];
  const actual: Record<string, Estimate> = {};
  for (const [field, exact] of Object.entries(expected)) {
    const estimate = estimates.get(field);
    if (estimate === undefined) {
      unknown.push(field);
      continue;
    }
    actual[field] = estimate;
    const { mean, standardError } = estimate;
    const off = Math.abs(mean - exact);
    const { plain } = estimate;
    if (plain !== undefined && Math.abs(plain.mean - exact) > ERRORS * plain.standardError) {
      faults.push(`${field}: ${plain.mean.toPrecision(8)} is off before any scatter is taken out`);
    }
    if (!(standardError <= errorAllowed(field, exact))) {
      faults.push(
        `${field}: standard error ${standardError.toPrecision(3)} of ${exact} is too large`,
      );
    } else if (!(off <= ERRORS * standardError || off <= 1e-9 * Math.abs(exact))) {
      const errors = (off / standardError).toFixed(1);
      faults.push(`${field}: ${mean.toPrecision(8)} is ${errors} standard errors from ${exact}`);
    }
  }
  return verdictOf(faults, unknown, actual);
}
