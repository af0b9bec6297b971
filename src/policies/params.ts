/** Reading the parameters of built-in policies: every problem at once, no unknown key, defaults in one place. */
import { nearest } from '../base/nearest.ts';
import type { ParamIssue, ParamsCheck } from '../contracts/policy.ts';

/**
 * Makes a parameters check from a function that reads them field by field.
 *
 * @param read reads every field that exists, through the reader; its result counts only if no issue was found
 * @returns a check that also reports every key that `read` did not ask for
 */
export function paramsOf<P>(read: (fields: FieldReader) => P): ParamsCheck<P> {
  return (raw) => {
    const fields = new FieldReader(raw);
    const value = read(fields);
    const issues = fields.finish();
    return issues.length > 0 ? { issues } : { value };
  };
}

/** Reads the fields of one object and collects what is wrong with them. */
export class FieldReader {
  private readonly raw: Readonly<Record<string, unknown>>;
  private readonly prefix: string;
  private readonly asked: string[] = [];
  private readonly issues: ParamIssue[] = [];

  /**
   * @param raw the object as written; undefined and null read as an empty one
   * @param prefix path of the object below `params`, for issues
   */
  constructor(raw: unknown, prefix = '') {
    this.prefix = prefix;
    if (raw === undefined || raw === null || isRecord(raw)) this.raw = raw ?? {};
    else {
      this.raw = {};
      this.issues.push({ path: prefix, expected: 'an object of parameters' });
    }
  }

  /** The keys as written, in the order of the file. */
  get keys(): readonly string[] {
    return Object.keys(this.raw);
  }

  /** Reads a field as it is; undefined if it is not there. */
  any(name: string): unknown {
    this.asked.push(name);
    return this.raw[name];
  }

  /** Notes an issue with a field. */
  fail(name: string, expected: string): void {
    this.issues.push({ path: this.pathOf(name), expected });
  }

  /** Takes over what another reader found. */
  adopt(issues: readonly ParamIssue[]): void {
    this.issues.push(...issues);
  }

  /** The path of a field below `params`. */
  pathOf(name: string): string {
    return this.prefix === '' ? name : `${this.prefix}.${name}`;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.any(name);
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.fail(name, 'true or false');
    return fallback;
  }

  choice<const C extends string>(name: string, choices: readonly C[], fallback: C): C {
    const value = this.any(name);
    if (value === undefined) return fallback;
    if (choices.includes(value as C)) return value as C;
    this.fail(name, `one of ${choices.join(', ')}`);
    return fallback;
  }

  /** A finite number of [min, max]; a NaN fallback means that it must be given. */
  number(name: string, fallback: number, min: number, max: number): number {
    const value = this.any(name);
    if (value === undefined && !Number.isNaN(fallback)) return fallback;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    this.fail(
      name,
      max < Number.MAX_VALUE ? `a number from ${min} to ${max}` : `a number of at least ${min}`,
    );
    return fallback;
  }

  /** A whole number of [min, max]. */
  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.any(name);
    if (value === undefined) return fallback;
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
      return value as number;
    }
    this.fail(name, `a whole number from ${min} to ${max}`);
    return fallback;
  }

  /** All issues, with one for each key that was never asked for. */
  finish(): readonly ParamIssue[] {
    for (const key of this.keys) {
      if (this.asked.includes(key)) continue;
      const known = this.asked.length === 0 ? 'no parameters' : `one of ${this.asked.join(', ')}`;
      const near = nearest(key, this.asked);
      const hint = near === undefined ? 'remove it' : `did you mean "${near}"?`;
      this.issues.push({ path: this.pathOf(key), expected: known, hint });
    }
    return this.issues;
  }
}

/** True for a plain object, not for an array. */
export function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
