import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { addToHash } from '../../../src/host/checkpoint.ts';

describe('addToHash', () => {
  it.each([1, 3, 5, 7, 10])('gives the hash of the whole in pieces of %i of 10 bytes', (most) => {
    const bytes = Buffer.from('0123456789');
    const pieces: number[] = [];
    const hash = createHash('sha256');
    const update = hash.update.bind(hash) as (data: Buffer) => typeof hash;
    hash.update = (data: unknown) => {
      pieces.push((data as Buffer).length);
      return update(data as Buffer);
    };
    addToHash(hash, bytes, most);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(Math.max(...pieces)).toBe(most);
    expect(pieces.reduce((sum, piece) => sum + piece, 0)).toBe(10);
  });
});
