/** Random damage to valid traces, read in chunks of any size: rows in order of time, or one error with its place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../src/base/errors.ts';
import { makeReader, type ReaderFormat } from '../../src/workloads/formats.ts';
import { context, readAll } from '../unit/workloads/build-context.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 60);
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Far above what a case takes, even on a loaded machine; a loop that does not end takes more. */
const CASE_MS_MAX = 5_000;

process.stdout.write(`fuzz of traces: FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}\n`);

const rows = (row: (i: number) => string): string =>
  Array.from({ length: 12 }, (_, i) => row(i)).join('\n');

/** A valid trace of each format: 12 jobs, one every 10 seconds. */
const TRACES: Readonly<Record<ReaderFormat, string>> = {
  csv: `submit_s,duration_s,pods,cpu_milli,memory_mib\n${rows((i) => `${10 * i},5,1,1000,1024`)}\n`,
  swf: `; Version: 2\n${rows((i) => `${i + 1} ${10 * i} 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1`)}\n`,
  openb: `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n${rows((i) => `p${i},1000,1024,0,0,,LS,Running,${10 * i},${10 * i + 5},${10 * i}`)}\n`,
  batsim: JSON.stringify({
    nb_res: 4,
    jobs: Array.from({ length: 12 }, (_, i) => ({
      id: `${i}`,
      subtime: 10 * i,
      res: 1,
      walltime: 10,
      profile: 'p',
    })),
    profiles: { p: { type: 'delay', delay: 5 } },
  }),
};

const JUNK = fc.oneof(
  fc.constantFrom(
    ...['', ',', ',,', '\n', '\r', '\r\n', '"', '""', ' ', '\t', ';', '-1', '-', 'NaN', 'Infinity'],
    ...[
      '1e300',
      '1e400',
      '1e-9',
      '0x10',
      '1_000',
      '1.5',
      '99999999999999999999',
      'x',
      'null',
      '{}',
    ],
    ...['[', ']', '{', '}', ':', '\0', '\ufeff', '\u202e', '😀', '__proto__', 'true', '#'],
  ),
  fc.string({ maxLength: 6 }),
);

const edits = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(9), put: JUNK }),
  { minLength: 1, maxLength: 4 },
);

/** Reads a damaged trace to its end or its error. */
function read(format: ReaderFormat, bytes: Uint8Array, chunk: number): void {
  const startedMs = performance.now();
  try {
    let lastUs = Number.NEGATIVE_INFINITY;
    for (const { atUs, pods, durationUs } of readAll(makeReader(format, context()), bytes, chunk)) {
      expect(Number.isInteger(atUs) && atUs >= lastUs, `at ${atUs} after ${lastUs}`).toBe(true);
      expect(Number.isInteger(pods) && pods > 0, `${pods} pods`).toBe(true);
      // NaN is an empty cell: the workload's own law decides.
      expect(durationUs < 0, `a duration of ${durationUs}`).toBe(false);
      lastUs = atUs;
    }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.exitCode).toBe(3);
    expect(error.issues).toHaveLength(1);
    expect(error.issues[0]!.expected).toMatch(/\S/);
    expect(error.message).toMatch(/^jobs\.trace/);
  }
  expect(performance.now() - startedMs).toBeLessThan(CASE_MS_MAX);
}

describe(`${RUNS} traces with random damage`, { timeout: 3_600_000 }, () => {
  it.each(Object.keys(TRACES) as ReaderFormat[])(
    '%s: each ends in rows or in one error',
    (format) => {
      const whole = new TextEncoder().encode(TRACES[format]);
      read(format, whole, whole.length);
      const inText = fc.property(edits, fc.integer({ min: 1, max: 400 }), (cuts, chunk) => {
        const text = cuts.reduce((now, { at, cut, put }) => {
          const start = Math.floor(at * now.length);
          return now.slice(0, start) + put + now.slice(start + cut);
        }, TRACES[format]);
        read(format, new TextEncoder().encode(text), chunk);
      });
      fc.assert(inText, { numRuns: RUNS, seed: SEED });
      const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {
        minLength: 1,
        maxLength: 6,
      });
      const inBytes = fc.property(flips, fc.nat(whole.length), (list, end) => {
        const bytes = whole.slice();
        for (const [at, byte] of list) bytes[at] = byte;
        read(format, bytes, 97);
        read(format, bytes.subarray(0, end), 97);
      });
      fc.assert(inBytes, { numRuns: RUNS, seed: SEED });
    },
  );
});
