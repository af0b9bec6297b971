/** Bytes to text: UTF-8 and nothing else, with a message that says what a file is instead and how to mend it. */

/** Why bytes are no text in UTF-8, and from which place on (1-based; the column counts characters). */
export interface EncodingFault {
  readonly line?: number;
  readonly column?: number;
  readonly hint: string;
}

/**
 * Decodes UTF-8; a byte order mark is dropped.
 *
 * @returns the text, or what the bytes are instead
 *
 * *Cost*: O(bytes); O(bytes * log(bytes)) only for the place of a fault.
 */
export function decodeText(bytes: Uint8Array): { text: string } | { fault: EncodingFault } {
  const other = otherThanText(bytes);
  if (other !== undefined) return { fault: { hint: other } };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: faultIn(bytes) };
  }
}

const MAGICS: readonly (readonly [magic: readonly number[], hint: string])[] = [
  [[0xff, 0xfe, 0, 0], 'this is UTF-32; save it as UTF-8'],
  [[0xff, 0xfe], 'this is UTF-16; save it as UTF-8: iconv -f UTF-16 -t UTF-8'],
  [[0xfe, 0xff], 'this is UTF-16; save it as UTF-8: iconv -f UTF-16 -t UTF-8'],
  [[0x1f, 0x8b], 'this is gzip; unpack it with gunzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'this is zstd; unpack it with unzstd'],
  [[0x50, 0x4b, 3, 4], 'this is zip; unpack it with unzip'],
];

/** Bytes at the beginning that are looked at to tell UTF-16 without a mark. */
const HEAD_BYTES = 256;

function otherThanText(bytes: Uint8Array): string | undefined {
  const known = MAGICS.find(([magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (known !== undefined) return known[1];
  // Plain words in UTF-16 have a NUL in every second byte.
  const head = bytes.subarray(0, HEAD_BYTES);
  const nuls = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) nuls[i % 2]!++;
  const isUtf16 = head.length >= 8 && Math.abs(nuls[0]! - nuls[1]!) > head.length / 4;
  if (!isUtf16) return undefined;
  const order = nuls[0]! > nuls[1]! ? 'BE' : 'LE';
  return `this looks like UTF-16; save it as UTF-8: iconv -f UTF-16${order} -t UTF-8`;
}

/** Finds the first byte that is no UTF-8: the longest beginning that decodes ends before it. */
function faultIn(bytes: Uint8Array): EncodingFault {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (decodes(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const before = decoder.decode(bytes.subarray(0, good), { stream: true });
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  const advice = 'save the file as UTF-8: iconv -f WINDOWS-1252 -t UTF-8';
  if (good === bytes.length) return { line, column, hint: `the last character is cut; ${advice}` };
  // What is wrong shows only behind it: the fault is the first byte that is not in the text so far.
  const byte = bytes[new TextEncoder().encode(before).length]!.toString(16)
    .toUpperCase()
    .padStart(2, '0');
  return { line, column, hint: `byte 0x${byte} at line ${line} is not UTF-8; ${advice}` };
}

/** Tells whether bytes are the beginning of a text in UTF-8; its last character may be cut. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
