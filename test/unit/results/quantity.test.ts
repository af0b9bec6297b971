import { describe, expect, it } from 'vitest';
import { formatInstant, formatQuantity, readQuantity } from '../../../src/results/quantity.ts';

describe('quantities', () => {
  it('end where the unit ends', () => {
    expect(readQuantity('30s during', 'seconds')).toEqual({ value: 30, length: 3 });
    expect(readQuantity('5 by cluster', 'pods')).toEqual({ value: 5, length: 1 });
    expect(readQuantity('5 allow-empty', 'pods')).toEqual({ value: 5, length: 1 });
    expect(readQuantity('44e6 USD warn', 'dollars')).toEqual({ value: 44e6, length: 8 });
    expect(readQuantity('5 % warn', 'ratio')).toEqual({ value: 0.05, length: 3 });
  });

  it('must fit the unit', () => {
    expect(readQuantity('30', 'seconds')).toBeNull();
    expect(readQuantity('30s', 'pods')).toBeNull();
    expect(readQuantity('$5', 'pods')).toBeNull();
    expect(readQuantity('5/h', 'pods')).toBeNull();
    expect(readQuantity('1e999', 'pods')).toBeNull();
    expect(readQuantity('5x', 'pods')).toBeNull();
    expect(readQuantity('-5', 'pods')).toBeNull();
  });

  it('are printed with their unit', () => {
    expect(formatQuantity(8.41, 'seconds')).toBe('8.41 s');
    expect(formatQuantity(0.031, 'ratio')).toBe('3.1 %');
    expect(formatQuantity(1204, 'pods')).toBe('1,204 pods');
    expect(formatQuantity(42486, 'dollars')).toBe('$42,486');
    expect(formatQuantity(64 * 2 ** 30, 'bytes')).toBe('64Gi');
    expect(formatQuantity(0.5, 'pods/s')).toBe('0.5 pods/s');
    expect(formatQuantity(null, 'pods')).toBe('–');
  });

  it('give instants as days from 1', () => {
    expect(formatInstant(0)).toBe('day 1 00:00');
    // 21 d 14 h 5 m 7 s
    expect(formatInstant(21 * 86400 + 14 * 3600 + 307)).toBe('day 22 14:05:07');
  });
});
