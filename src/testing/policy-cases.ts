import type { AnyPolicy } from '../contracts/policy.ts';
import { Registry } from '../contracts/registry.ts';
import { type ContractCase, type ContractOptions, expect } from './case.ts';

/**
 * Checks the parameters as `run/build` does.
 *
 * @throws Error with every issue
 */
export function paramsFor(policy: AnyPolicy, options: ContractOptions): unknown {
  if (policy.params === undefined) {
    expect(options.params === undefined, `${policy.name} takes no parameters`);
    return undefined;
  }
  const checked = policy.params(options.params);
  if ('value' in checked) return checked.value;
  const issues = checked.issues.map((i) => `${i.path}: expected ${i.expected}`);
  throw new Error(`parameters of ${policy.name}: ${issues.join('; ')}`);
}

/** What every contract asks: a name, a summary, parameters that are checked. */
export function commonCases(policy: AnyPolicy, options: ContractOptions): ContractCase[] {
  return [
    {
      name: 'can be registered under its name and has a summary',
      run: () => new Registry().register(policy),
    },
    {
      name: 'accepts the parameters of the suite',
      run: () => {
        paramsFor(policy, options);
      },
    },
    {
      name: 'refuses a parameter that it does not have, by name',
      run: () => {
        if (policy.params === undefined) return;
        const given = (options.params ?? {}) as Record<string, unknown>;
        const checked = policy.params({ ...given, noSuchParameter: 1 });
        expect('issues' in checked, 'accepts {noSuchParameter: 1}');
        expect(
          checked.issues.some((issue) => issue.path.includes('noSuchParameter')),
          'does not name noSuchParameter in its issues',
        );
      },
    },
    {
      name: 'refuses parameters that are not an object',
      run: () => {
        if (policy.params === undefined) return;
        for (const raw of ['text', 7, [1]]) {
          expect('issues' in policy.params(raw), `accepts ${JSON.stringify(raw)}`);
        }
      },
    },
  ];
}
