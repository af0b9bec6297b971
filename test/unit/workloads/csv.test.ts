import fc from 'fast-check';
import { inferSchema, initParser } from 'udsv';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { CsvReader, csvCells } from '../../../src/workloads/csv.ts';
import { context, drain, emptyArrival, readAll } from './build-context.ts';

const HEADER = 'submit_s,duration_s,pods,cpu_milli,memory_mib';

function failure(text: string): ScenarioError {
  try {
    readAll(new CsvReader(context()), text);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('no error was raised');
}

describe('CsvReader', () => {
  it('reads the required columns in microseconds and grains', () => {
    const world = context();
    const rows = readAll(new CsvReader(world), `${HEADER}\n0.5,60,3,250,512\n2,1.5,1,4000,16\n`);
    expect(rows.map(({ shape, ...row }) => row)).toEqual([
      { atUs: 500_000, durationUs: 60e6, pods: 3, gang: false, estimateUs: Number.NaN },
      { atUs: 2e6, durationUs: 1.5e6, pods: 1, gang: false, estimateUs: Number.NaN },
    ]);
    expect(world.shapes.at(rows[0]!.shape).requests).toEqual([250, 512, 1]);
  });

  it('reads optional columns in any order, quoted or bare, and takes the rest from the workload', () => {
    const world = context({ gang: true });
    const text =
      'gpu_model,gang,pods,memory_mib,cpu_milli,duration_s,submit_s,priority_class,gpus,gpu_milli,estimate_s\n' +
      '"B|A",false,2,1,1,inf,0,critical,1,500,9\n' +
      ',,2,1,1,,1,,,,\n';
    const [first, second] = readAll(new CsvReader(world), text);
    expect(first).toMatchObject({ gang: false, durationUs: Infinity, estimateUs: 9e6 });
    expect(world.shapes.at(first!.shape)).toMatchObject({
      gpuCount: 1,
      gpuMilliPerDevice: 500,
      gpuModels: ['A', 'B'],
      priority: 1000,
      priorityClass: 'critical',
    });
    expect(second).toMatchObject({ gang: true, durationUs: Number.NaN });
    expect(world.shapes.at(second!.shape)).toMatchObject({ gpuCount: 0, priorityClass: 'default' });
  });

  it('runs dry between chunks, ends after finish, and knows its position', () => {
    const reader = new CsvReader(context());
    const out = emptyArrival();
    expect(reader.pull(out)).toBe('dry');
    reader.push(new TextEncoder().encode(`${HEADER}\n1,1,1,1,1\n2,1,`));
    expect(reader.buffered).toBe(1);
    expect([reader.pull(out), reader.pull(out)]).toEqual(['row', 'dry']);
    // header: 45 characters and a break; the row: 9 and a break
    expect(reader.position).toEqual({ row: 1, byte: 56 });
    reader.push(new TextEncoder().encode('1,1,1'));
    reader.finish();
    expect([reader.pull(out), reader.pull(out)]).toEqual(['row', 'end']);
    expect(reader.position).toEqual({ row: 2, byte: 65 });
  });

  it('applies speed-up, window and limit in this order', () => {
    const text = `${HEADER}\n${[0, 10, 20, 30, 40].map((t) => `${t},1,1,1,1`).join('\n')}`;
    const at = (change: Parameters<typeof context>[0]) =>
      readAll(new CsvReader(context(change)), text).map((row) => row.atUs / 1e6);
    // 0 10 20 30 40 at double speed is 0 5 10 15 20
    expect(at({ speedup: 2 })).toEqual([0, 5, 10, 15, 20]);
    expect(at({ speedup: 2, fromUs: 5e6, untilUs: 15e6 })).toEqual([5, 10]);
    expect(at({ limit: 2 })).toEqual([0, 10]);
    expect(at({ limit: 0 })).toEqual([]);
  });

  it('does not read beyond its limit or its window', () => {
    const reader = new CsvReader(context({ limit: 1 }));
    reader.push(new TextEncoder().encode(`${HEADER}\n1,1,1,1,1\nnonsense\n`));
    expect(reader.isComplete).toBe(true);
    expect(drain(reader)).toHaveLength(1);
  });

  it.each([
    ['', /header/, /submit_s/],
    ['submit_s,duraton_s,pods,cpu_milli,memory_mib\n', /duraton_s/, /did you mean duration_s/],
    ['submit_s,duration_s,pods,cpu_milli\n', /header/, /missing: memory_mib/],
    [`${HEADER},pods\n`, /pods/, /each column once/],
    [`${HEADER}\n1,1,1,1\n`, /jobs.trace:2:1 row/, /5 cells/],
    [`${HEADER}\n1,1,1,1,1\n\n0.5,1,1,1,1\n`, /jobs.trace:4:1 submit_s: got "0.5"/, /sort/],
    [`${HEADER}\n-1,1,1,1,1\n`, /submit_s: got "-1"/, /at least 0/],
    [`${HEADER}\n0x1,1,1,1,1\n`, /submit_s/, /time in seconds/],
    [`${HEADER}\n1e300,1,1,1,1\n`, /submit_s/, /time in seconds/],
    [`${HEADER}\n1,0,1,1,1\n`, /duration_s: got "0"/, /positive/],
    [`${HEADER}\n1,NaN,1,1,1\n`, /duration_s/, /positive/],
    [`${HEADER}\n1,1,0,1,1\n`, /pods: got "0"/, /from 1/],
    [`${HEADER}\n1,1,1.5,1,1\n`, /pods: got "1.5"/, /whole number/],
    [`${HEADER}\n1,1,1,-5,1\n`, /cpu_milli/, /whole number/],
    [`${HEADER}\n1,1,1,1,\n`, /memory_mib: got ""/, /whole number/],
    [`${HEADER}\n1,1,1,"1,1\n`, /row/, /close the quote/],
    [`${HEADER},gpus\n1,1,1,1,1,many\n`, /gpus: got "many"/, /whole number/],
    [`${HEADER},gpus,gpu_milli\n1,1,1,1,1,2,500\n`, /gpu_milli: got "500"/, /one device/],
    [`${HEADER},gpu_model\n1,1,1,1,1,A\n`, /gpus/, /number of GPUs/],
    [`${HEADER},priority_class\n1,1,1,1,1,critcal\n`, /priority_class/, /did you mean critical/],
    [`${HEADER},gang\n1,1,1,1,1,yes\n`, /gang: got "yes"/, /true, false/],
  ])('refuses %j with one clear error', (text, where, what) => {
    const error = failure(text);
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(where);
    expect(error.message).toMatch(what);
    expect(error.issues).toHaveLength(1);
  });
});

describe('csvCells', () => {
  it('agrees with udsv on what a writer by RFC 4180 writes', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', ' ', '1'), minLength: 1 });
    const quote = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 6 }), (cells) => {
        const line = cells.map(quote).join(',');
        expect(csvCells(line)).toEqual(cells);
        const text = `${cells.map((_, i) => `c${i}`).join(',')}\n${line}\n`;
        const [row] = initParser(inferSchema(text, { trim: false })).stringArrs(text);
        expect(csvCells(line)).toEqual(row);
      }),
    );
  });

  it('refuses what the RFC does not allow', () => {
    for (const line of ['"a', 'a"b', '"a"b', '"a""']) expect(csvCells(line)).toBeUndefined();
  });

  it('keeps empty cells at the end', () => {
    expect(csvCells('"a",')).toEqual(['a', '']);
    expect(csvCells(',"",')).toEqual(['', '', '']);
  });
});
