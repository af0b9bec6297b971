/** What `npm run ground-truth` says of each case. */

/** One case of one file. */
export interface CaseResult {
  readonly index: number;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; null if it passed. */
  readonly reason: string | null;
  readonly expected: unknown;
  /** What came out, by field; null if nothing was run. */
  readonly actual: unknown;
}

/** What was found out about one case, before it is numbered. */
export type Verdict = Pick<CaseResult, 'status' | 'reason' | 'actual'>;

/** The cases of one file. */
export interface FileResult {
  readonly file: string;
  readonly cases: readonly CaseResult[];
}

/** The whole report. */
export interface GroundTruthReport {
  readonly schema: 'orrery.ground-truth/1';
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly files: readonly FileResult[];
}

/** A case that cannot be run yet, with its reason. */
export function skip(reason: string): Verdict {
  return { status: 'skipped', reason, actual: null };
}

/**
 * Sums up the fields of a case: a wrong field fails it; a field that nobody knows how to measure skips it, by name, even if
 * all others are right.
 */
export function verdictOf(
  faults: readonly string[],
  unknownFields: readonly string[],
  actual: unknown,
): Verdict {
  if (faults.length > 0) return { status: 'failed', reason: faults.join('; '), actual };
  if (unknownFields.length > 0) {
    const fields = unknownFields.join(', ');
    return { status: 'skipped', reason: `nothing measures ${fields}; the rest holds`, actual };
  }
  return { status: 'passed', reason: null, actual };
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
