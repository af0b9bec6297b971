import { ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { AnyPolicy, Contract } from './policy.ts';

/**
 * Policies by contract and name: built-ins and users' entries side by side, through one door.
 *
 * *Order*: every listing is by contract, then by name (UTF-16 code units), never by the order of registration.
 */
export class Registry {
  private readonly byContract = new Map<Contract, Map<string, AnyPolicy>>();

  /**
   * Adds a policy.
   *
   * @throws ScenarioError if what is given is not a policy, or if its contract already has one of that name
   */
  register(policy: AnyPolicy): void {
    const fault = faultOf(policy);
    if (fault !== null) throw new ScenarioError([fault]);
    const entries = this.entriesOf(policy.contract);
    if (entries.has(policy.name)) {
      throw new ScenarioError([
        {
          path: 'plugin',
          value: JSON.stringify(policy.name),
          expected: `a name that no other ${policy.contract} policy has`,
          hint: 'put your own name in front, such as "acme/my-policy"',
        },
      ]);
    }
    entries.set(policy.name, policy);
  }

  /** Finds a policy by its exact name; undefined if there is none. */
  find(contract: Contract, name: string): AnyPolicy | undefined {
    return this.byContract.get(contract)?.get(name);
  }

  /** Lists the names of one contract, sorted. */
  names(contract: Contract): readonly string[] {
    return [...(this.byContract.get(contract)?.keys() ?? [])].sort();
  }

  /** Lists every policy, by contract, then by name. */
  all(): readonly AnyPolicy[] {
    return CONTRACTS.flatMap((contract) =>
      this.names(contract).map((name) => this.find(contract, name)!),
    );
  }

  /** Finds the registered name that a mistyped one most likely meant, for hints; undefined if none is near. */
  nearest(contract: Contract, name: string): string | undefined {
    return nearest(name, this.names(contract));
  }

  private entriesOf(contract: Contract): Map<string, AnyPolicy> {
    let entries = this.byContract.get(contract);
    if (entries === undefined) {
      entries = new Map();
      this.byContract.set(contract, entries);
    }
    return entries;
  }
}

/** Every contract, in the order of listings. */
export const CONTRACTS: readonly Contract[] = [
  'failures',
  'framework',
  'placement',
  'queueing',
  'scaling',
  'scheduling',
];

/** A name: lower-case words with dashes, in at most a few parts divided by slashes. */
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/;

/** What is wrong with a registration, for users' files that no compiler has seen. */
function faultOf(policy: unknown): { path: string; value: string; expected: string } | null {
  const entry = (policy ?? {}) as Partial<AnyPolicy>;
  const fault = (field: string, value: unknown, expected: string) => ({
    path: `plugin${field}`,
    value: String(JSON.stringify(value) ?? value).slice(0, 60),
    expected,
  });
  if (policy === null || typeof policy !== 'object') {
    return fault('', policy, 'a policy: defineScheduling({ name, summary, create })');
  }
  if (!CONTRACTS.includes(entry.contract as Contract)) {
    return fault('.contract', entry.contract, `one of ${CONTRACTS.join(', ')}`);
  }
  if (typeof entry.name !== 'string' || !NAME.test(entry.name)) {
    return fault('.name', entry.name, 'a name such as "acme/quiet-rack"');
  }
  if (typeof entry.summary !== 'string' || entry.summary.trim() === '') {
    return fault('.summary', entry.summary, 'one sentence that says what the policy does');
  }
  if (typeof entry.create !== 'function') {
    return fault('.create', entry.create, 'a function (params, setup)');
  }
  if (entry.params !== undefined && typeof entry.params !== 'function') {
    return fault('.params', entry.params, 'a function that checks raw parameters');
  }
  return null;
}
