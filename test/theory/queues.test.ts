/**
 * Queues with known answers. Each simulated mean must lie within 4 of its standard errors (a false alarm once in 16,000
 * fields), and the standard error must be at most 1 % of the exact value (2 % of a probability under 0.05).
 */
import { describe, expect, it } from 'vitest';
import { job, machine, metric, runToEnd, SECOND, scenario } from '../builders/scenario.ts';
import { erlangB, mg1, mmc, nonPreemptive } from '../tools/ground-truth/queues.ts';

const SEED = 7;
const PASSED = { status: 'passed', reason: null };

describe('queueing theory', { timeout: 180_000 }, () => {
  it('holds for M/M/1 at half load', () => {
    // rho = 0.5; P_wait = rho; Wq = rho / (1 - rho) = 1; L = rho / (1 - rho) = 1; P(W > 2) = rho exp(-(1 - rho) 2)
    const expected = { P_wait: 0.5, Wq: 1, L: 1, P_wait_exceeds_2: 0.5 * Math.exp(-1) };
    expect(mmc({ c: 1, lambda: 0.5, mu: 1 }, expected, SEED)).toMatchObject(PASSED);
  });

  it('holds for M/M/3 at half load', () => {
    // a = 1.5: 1.5^3 / 6 / (1 - 0.5) = 1.125; P_wait = 1.125 / (1 + 1.5 + 1.125 + 1.125) = 9 / 38;
    // Lq = P_wait * rho / (1 - rho) = 9 / 38; Wq = Lq / 1.5 = 6 / 38
    const expected = { P_wait: 9 / 38, Lq: 9 / 38, Wq: 6 / 38, rho: 0.5 };
    expect(mmc({ c: 3, lambda: 1.5, mu: 1 }, expected, SEED)).toMatchObject(PASSED);
  });

  it('fails a queue for which a wrong value is expected', () => {
    // The exact value is 9 / 38 = 0.237; 5 % off is more than 4 errors of at most 1 %.
    const verdict = mmc({ c: 3, lambda: 1.5, mu: 1 }, { P_wait: 0.249 }, SEED);
    expect(verdict.status).toBe('failed');
  });

  it('holds for M/D/1', () => {
    // Pollaczek-Khinchine: Wq = 0.6 * 1 / (2 * 0.4) = 0.75
    const params = { lambda: 0.6, service: 'deterministic', 'E[S]': 1, 'E[S^2]': 1 };
    expect(mg1(params, { Wq: 0.75 }, SEED)).toMatchObject(PASSED);
  });

  it('holds for a loss system', () => {
    // Erlang B with a = 2, c = 2: (4 / 2) / (1 + 2 + 2) = 0.4; carried = 2 * 0.6
    const expected = { P_block: 0.4, carried: 1.2 };
    expect(erlangB({ c: 2, offered: 2 }, expected, SEED)).toMatchObject(PASSED);
  });

  it('holds for two classes of priority that do not interrupt each other', () => {
    // Cobham: R = 0.4; Wq1 = R / (1 - 0.2) = 0.5; Wq2 = R / ((1 - 0.2) (1 - 0.4)) = 0.833
    const expected = { Wq1: 0.5, Wq2: 5 / 6 };
    expect(nonPreemptive({ lambda1: 0.2, lambda2: 0.2, mu: 1 }, expected, SEED)).toMatchObject(
      PASSED,
    );
  });

  it("keeps Little's law in the numbers of a bundle", () => {
    const bundle = runToEnd(
      scenario({
        horizonUs: 40_000 * SECOND,
        machineTypes: [machine({ cpuMillicores: 1000 })],
        workloads: [
          job({
            arrivals: { kind: 'poisson', perSecond: 0.7 },
            durationUs: { law: 'exponential', mean: SECOND },
          }),
        ],
      }),
      { check: false },
    );
    const waiting = metric(bundle, 'pods_pending').mean!;
    const wait = metric(bundle, 'pod_wait_seconds');
    // Lq = lambda Wq, as an identity of one long run: the pods cut off at its ends are a few of 28,000.
    expect(waiting / ((wait.n! / 40_000) * wait.mean!)).toBeCloseTo(1, 2);
  });
});
