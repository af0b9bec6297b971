/** The policies that a run may name: the built-ins, and users' entries through the same door. */
import type { AnyPolicy } from '../contracts/policy.ts';
import { CONTRACTS, type Registry } from '../contracts/registry.ts';
import { builtinRegistry } from '../policies/builtin.ts';
import { guardPolicy } from './guarded-policy.ts';

/** What the hosts of runs need, so that they depend on `run/` alone. */
export type { AnyPolicy, Registry };
export { CONTRACTS };

/**
 * Makes the registry of a run; entries are guarded: what breaks its contract throws PolicyError.
 *
 * @param entries policies of plug-ins, in the order given
 * @throws ScenarioError if an entry is no policy or its name is taken
 */
export function registryWith(entries: readonly AnyPolicy[]): Registry {
  const registry = builtinRegistry();
  for (const entry of entries) registry.register(guardPolicy(entry));
  return registry;
}
