/**
 * The bins of every histogram and of every `distributions` file: linear inside each octave, the same for all values.
 *
 * Bin 0 holds 0 and all below 2^-32; bin 1 + 128 o + k (0 <= k < 128) holds the values from 2^(o - 32) (1 + k / 128) up
 * to, not including, the start of the next bin. Values are in the unit of the owner: microseconds for durations. So one
 * microsecond starts bin 4097, one second is in bin 6645.
 *
 * Source: the layout of HdrHistogram (G. Tene), with a constant number of bins in each octave.
 */

/** Bins between a value and its double. */
export const BINS_PER_OCTAVE = 128;
/** Largest |binMiddle - value| / value over the values of a bin (bin 0 apart): half a bin at its octave's start, 0.39 %. */
export const RELATIVE_ERROR = 0.5 / BINS_PER_OCTAVE;

/** Reads a double as two words; written and read inside one call. */
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
scratch[0] = 1;
/** Which word holds sign and exponent: 1 on little-endian machines. */
const HIGH = scratchWords[1] === 0 ? 0 : 1;
/** Sign, exponent and the first seven bits of the fraction are the upper 19 bits of the high word. */
const SHIFT = 13;
/** Those 19 bits of 2^-32, less one: its bin is the first. */
const OFFSET = (1023 - 32) * BINS_PER_OCTAVE - 1;

/** The bin of the largest double: no index is above it. */
export const LAST_BIN = 2047 * BINS_PER_OCTAVE - 1 - OFFSET;

/**
 * Gives the bin of a value.
 *
 * @param value a finite number of at least 0
 * *Cost*: about 2 ns.
 */
export function binOf(value: number): number {
  // Adding zero turns -0 into 0: its sign bit would look like a huge bin.
  scratch[0] = value + 0;
  return Math.max((scratchWords[HIGH] >>> SHIFT) - OFFSET, 0);
}

/** Gives the smallest value of a bin, exact. */
export function binLow(bin: number): number {
  return bin === 0 ? 0 : fromHighWord((bin + OFFSET) << SHIFT);
}

/** Gives the end of a bin, which is the smallest value of the next one; Infinity for the last bin. */
export function binHigh(bin: number): number {
  return binLow(bin + 1);
}

/** Gives the value that stands for all values of a bin: 0 for bin 0, else its middle, exact. */
export function binMiddle(bin: number): number {
  // The next bit of the fraction is half a bin.
  return bin === 0 ? 0 : fromHighWord(((bin + OFFSET) << SHIFT) | (1 << (SHIFT - 1)));
}

function fromHighWord(word: number): number {
  scratchWords[HIGH] = word;
  scratchWords[1 - HIGH] = 0;
  return scratch[0];
}
