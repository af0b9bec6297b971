import type { FailureModel } from '../contracts/failures.ts';
import type { FailurePolicy } from '../contracts/policy.ts';
import { type ContractCase, type ContractOptions, expect, sameBits, withSkips } from './case.ts';
import { testStream } from './cluster.ts';
import { commonCases, paramsFor } from './policy-cases.ts';

const NODE_KEYS = [0, 1, 12_345, 4_503_599_627_370_496];
const CYCLES = [0, 1, 2, 50];

/**
 * Lists what the failures contract asks of a model: run every case in your test framework.
 *
 * @param policy made by `defineFailures`
 */
export function checkFailures(
  policy: FailurePolicy,
  options: ContractOptions = {},
): readonly ContractCase[] {
  const make = (): FailureModel =>
    policy.create(paramsFor(policy, options), { stream: testStream('failures') });
  const cases: ContractCase[] = [
    ...commonCases(policy, options),
    {
      name: 'gives times up of at least one whole microsecond, or none ever',
      run: () => {
        for (const us of timesOf(make(), 'upUs')) {
          const isNever = us === Number.POSITIVE_INFINITY;
          expect(isNever || (Number.isInteger(us) && us >= 1), `time up is ${us}`);
        }
      },
    },
    {
      name: 'gives times down of at least one whole microsecond',
      run: () => {
        for (const us of timesOf(make(), 'downUs')) {
          expect(Number.isInteger(us) && us >= 1, `time down is ${us}`);
        }
      },
    },
    {
      name: 'gives the same times for the same node and cycle, in any order of calls',
      run: () => {
        const first = make();
        const up = timesOf(first, 'upUs');
        const down = timesOf(first, 'downUs');
        const second = make();
        expect(sameBits(down, timesOf(second, 'downUs')), 'times down depend on earlier calls');
        expect(sameBits(up, timesOf(second, 'upUs')), 'times up depend on earlier calls');
      },
    },
  ];
  return withSkips(cases, options.skip);
}

function timesOf(model: FailureModel, of: 'upUs' | 'downUs'): number[] {
  return NODE_KEYS.flatMap((key) => CYCLES.map((cycle) => model[of](key, cycle)));
}
