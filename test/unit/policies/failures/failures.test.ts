import { describe, expect, it } from 'vitest';
import type { FailurePolicy } from '../../../../src/contracts/policy.ts';
import { exponential } from '../../../../src/policies/failures/exponential.ts';
import { weibull } from '../../../../src/policies/failures/weibull.ts';
import { testStream } from '../../../../src/testing.ts';

const HOUR = 3.6e9;

function modelOf(policy: FailurePolicy, params: unknown) {
  const checked = policy.params!(params);
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  return policy.create(checked.value, { stream: testStream('failures') });
}

/** Mean and standard deviation of 20,000 values. */
function momentsOf(draw: (i: number) => number): { mean: number; deviation: number } {
  const values = Array.from({ length: 20_000 }, (_, i) => draw(i));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) * (v - mean), 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

describe('exponential failures', () => {
  // Mean 100 h, standard error 100 / sqrt(20000) = 0.71 h: within four of them; deviation = mean.
  it('are exponential with the mean asked for', () => {
    const model = modelOf(exponential, { mtbf: '100h', repair: '4h' });
    const { mean, deviation } = momentsOf((node) => model.upUs(node, 0) / HOUR);
    expect(Math.abs(mean - 100)).toBeLessThan(2.9);
    expect(Math.abs(deviation - 100)).toBeLessThan(5);
  });

  it('repair in the constant or drawn time asked for', () => {
    expect(modelOf(exponential, { mtbf: '1h', repair: '4h' }).downUs(7, 3)).toBe(4 * HOUR);
    const drawn = modelOf(exponential, { mtbf: HOUR, repair: { law: 'exponential', mean: HOUR } });
    const { mean } = momentsOf((node) => drawn.downUs(node, 1) / HOUR);
    expect(Math.abs(mean - 1)).toBeLessThan(0.029);
  });

  it('give each node and cycle its own luck, up and down independent', () => {
    const model = modelOf(exponential, { mtbf: HOUR, repair: { law: 'exponential', mean: HOUR } });
    const times = [model.upUs(1, 0), model.upUs(1, 1), model.upUs(2, 0), model.downUs(1, 0)];
    expect(new Set(times).size).toBe(4);
  });
});

describe('weibull failures', () => {
  // Shape 0.5: Gamma(3) = 2, scale = 50 h, mean 100 h, deviation = mean x sqrt(Gamma(5)/Gamma(3)^2 - 1) = 100 x sqrt(5) = 223.6 h;
  // standard error 223.6 / sqrt(20000) = 1.58 h.
  it('have the mean asked for, whatever the shape', () => {
    const model = modelOf(weibull, { mtbf: '100h', shape: 0.5, repair: '1h' });
    const { mean, deviation } = momentsOf((node) => model.upUs(node, 0) / HOUR);
    expect(Math.abs(mean - 100)).toBeLessThan(6.4);
    expect(Math.abs(deviation - 223.6)).toBeLessThan(25);
  });

  it('are the exponential ones at shape 1', () => {
    const params = { mtbf: '100h', repair: '1h' };
    const one = modelOf(weibull, { ...params, shape: 1 });
    const plain = modelOf(exponential, params);
    for (let node = 0; node < 50; node++) {
      expect(Math.abs(one.upUs(node, 2) / plain.upUs(node, 2) - 1)).toBeLessThan(1e-9);
    }
  });
});

describe('parameters of failures', () => {
  it('name everything that is missing or wrong', () => {
    const issues = (policy: FailurePolicy, raw: unknown) => {
      const checked = policy.params!(raw);
      return 'issues' in checked ? checked.issues.map((i) => i.path) : [];
    };
    expect(issues(exponential, {})).toEqual(['mtbf', 'repair']);
    expect(issues(weibull, { mtbf: 'soon', shape: 0, repair: '4h', mean: 1 })).toEqual([
      'mtbf',
      'shape',
      'mean',
    ]);
    const repair = { law: 'weibull', shape: -1, scale: 5 };
    expect(issues(exponential, { mtbf: '1h', repair })).toEqual(['repair.weibull.shape']);
    expect(issues(exponential, { mtbf: '1h', repair: { law: 'normal' } })).toEqual(['repair.law']);
  });
});
