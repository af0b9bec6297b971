import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { InputFeeder, openTrace, ROWS_PER_FEED } from '../../../src/host/streams.ts';
import { CsvReader } from '../../../src/workloads/csv.ts';
import { context, drain } from '../workloads/build-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'orrery-streams-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function readAll(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openTrace(path)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function failure(path: string): Promise<ScenarioError> {
  try {
    await readAll(path);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nothing was raised');
}

const HEADER = 'submit_s,duration_s,pods,cpu_milli,memory_mib\n';
const rows = (n: number) => HEADER + Array.from({ length: n }, (_, i) => `${i},1,1,1,1\n`).join('');

describe('openTrace', () => {
  const text = 'line\n'.repeat(300_000);

  it('reads plain and gzip files alike, whatever their names', async () => {
    expect(await readAll(write('a.gz', text))).toBe(text);
    expect(await readAll(write('a.txt', gzipSync(text)))).toBe(text);
    expect(await readAll(write('empty', ''))).toBe('');
  });

  it('reads several gzip members as one', async () => {
    const twice = Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]);
    expect(await readAll(write('twice.gz', twice))).toBe('one\ntwo\n');
  });

  it.each([
    ['missing', () => join(folder, 'none'), /no such file.*ORRERY_DATA/],
    ['a folder', () => folder, /this is a folder/],
    ['truncated gzip', () => write('cut.gz', gzipSync(text).subarray(0, 800)), /ends too early/],
    ['damaged gzip', () => write('bad.gz', damaged()), /damaged/],
    ['zstd', () => write('z.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0)), /zstd/],
  ])('gives one clear error for %s', async (_, make, message) => {
    const error = await failure(make());
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(message);
  });

  function damaged(): Uint8Array {
    const bytes = Buffer.from(gzipSync(text));
    bytes.fill(0xff, 40, 80);
    return bytes;
  }
});

describe('InputFeeder', () => {
  const feeder = (path: string, limit: number | null = null) => {
    const reader = new CsvReader(context({ file: path, limit }));
    return { reader, feeder: new InputFeeder([{ trace: { path }, reader }]) };
  };

  it('fills to its bound and goes on where it stopped', async () => {
    const total = 3 * ROWS_PER_FEED;
    const one = feeder(write('many.csv', rows(total)));
    await one.feeder.feed(one.reader);
    expect(one.reader.buffered).toBeGreaterThanOrEqual(ROWS_PER_FEED);
    // A chunk of 256 KiB holds at most 262144 / 10 rows beyond the bound.
    expect(one.reader.buffered).toBeLessThan(ROWS_PER_FEED + 26_215);
    let read = 0;
    for (;;) {
      read += drain(one.reader).length;
      if (one.reader.isComplete) break;
      await one.feeder.feedDry();
    }
    expect(read).toBe(total);
    await one.feeder.close();
  });

  it('stops reading where the reader needs no more', async () => {
    const one = feeder(write('limit.csv', `${rows(10)}nonsense\n`.repeat(1)), 5);
    await one.feeder.feed(one.reader);
    expect(drain(one.reader)).toHaveLength(5);
  });

  it('closes a file that was not read to its end', async () => {
    const one = feeder(write('open.csv', rows(200_000)));
    await one.feeder.feed(one.reader);
    await one.feeder.close();
    expect(one.reader.buffered).toBeGreaterThan(0);
  });

  it('passes on the error of a row with its line', async () => {
    const one = feeder(write('bad.csv', `${HEADER}1,1,1,1,1\n1,x,1,1,1\n`));
    await expect(one.feeder.feed(one.reader)).rejects.toThrow(/bad.csv:3:1 duration_s: got "x"/);
  });
});
