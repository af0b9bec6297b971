import type { FrameworkPolicy } from '../contracts/policy.ts';

/** One property that a contract asks of every policy; any test framework can run it. */
export interface ContractCase {
  /** A full sentence about the policy; stable, so that `skip` can name it. */
  readonly name: string;
  /** Why the author leaves it out; a framework should show it as skipped. */
  readonly skip?: string;
  /**
   * Checks the property.
   *
   * @throws Error saying what was expected and what the policy did
   */
  run(): void;
}

/** What the suites take beside the policy. */
export interface ContractOptions {
  /** Parameters as a scenario would give them; absent: the policy's defaults. */
  readonly params?: unknown;
  /** Plug-ins of the framework that a scheduling policy may ask for by name. */
  readonly plugins?: readonly FrameworkPolicy[];
  /** Reasons by case name; a name that no case has is an error. */
  readonly skip?: Readonly<Record<string, string>>;
}

/** Attaches the reasons for skipping. @throws Error if a reason names no case */
export function withSkips(
  cases: readonly ContractCase[],
  skip: Readonly<Record<string, string>> = {},
): readonly ContractCase[] {
  const names = cases.map((c) => c.name);
  for (const [name, reason] of Object.entries(skip)) {
    expect(names.includes(name), `skip names no case: "${name}"; cases: ${names.join('; ')}`);
    expect(reason.trim() !== '', `skip of "${name}" gives no reason`);
  }
  return cases.map((c) => (c.name in skip ? { ...c, skip: skip[c.name]! } : c));
}

/** Stops a case. @throws Error with the message unless the condition holds */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** True if two lists of numbers have the same length and the same bits; NaN equals NaN, 0 is not -0. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
