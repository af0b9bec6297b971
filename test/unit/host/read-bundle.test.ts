import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBundle } from '../../../src/host/files.ts';
import { readBundle } from '../../../src/host/read-bundle.ts';
import { decodeSeries } from '../../../src/host/stored-series.ts';
import { reportHtml } from '../../../src/reports/html.ts';
import { seriesParquet } from '../../../src/reports/parquet.ts';
import type { Bundle, MetricKind, Series, SeriesFile } from '../../../src/results/bundle.ts';
import { syntheticBundle } from '../../builders/bundle.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-bundle-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function write(bundle: Bundle): Promise<string> {
  const out = join(folder, 'out');
  const content = seriesParquet(bundle.series);
  await writeBundle(out, bundle, [{ name: 'series.parquet', content }]);
  return out;
}

/** Series of any shape: empty columns, gaps, extreme values, names and labels of any text. */
const anySeries: fc.Arbitrary<SeriesFile> = fc
  .record({ buckets: fc.integer({ min: 0, max: 6 }), bucketSeconds: fc.constantFrom(0.1, 1, 300) })
  .chain(({ buckets, bucketSeconds }) => {
    const values = fc.array(fc.double(), { minLength: 3 * buckets, maxLength: 3 * buckets });
    const one = fc.record({
      name: fc.constantFrom('pods_running', 'pods_arrived_total', 'häuser'),
      kind: fc.constantFrom<MetricKind>('counter', 'gauge', 'sample'),
      unit: fc.constantFrom('pods', '', 'ratio'),
      labels: fc.dictionary(fc.constantFrom('cluster', 'state', 'resource'), fc.string(), {
        noNullPrototype: true,
      }),
      observed: fc.array(fc.boolean(), { minLength: buckets, maxLength: buckets }),
      values,
    });
    const key = (s: { name: string; labels: object }) =>
      JSON.stringify([s.name, Object.entries(s.labels).sort()]);
    return fc.uniqueArray(one, { selector: key, maxLength: 6 }).map((all) => ({
      bucketSeconds,
      buckets,
      endSeconds: buckets * bucketSeconds * 0.9,
      series: all.map(({ observed, values, ...rest }): Series => {
        const column = (k: number) =>
          Float64Array.from(observed, (isThere, i) => (isThere ? values[3 * i + k]! : Number.NaN));
        // A bucket whose mean is NaN counts as not observed.
        const mean = column(1);
        const like = (k: number) =>
          column(k).map((value, i) => (Number.isNaN(mean[i]) ? Number.NaN : value));
        return { ...rest, min: like(0), mean, max: like(2) };
      }),
    }));
  });

describe('series in Parquet', () => {
  it('come back exactly, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(anySeries, async (series) => {
        expect((await decodeSeries(seriesParquet(series), 'x')).series).toEqual(series);
      }),
      { numRuns: 200 },
    );
  });

  it('are refused where they are damaged or not ours, with exit 3 and the file’s name', async () => {
    const good = seriesParquet(syntheticBundle({ clusters: 2, buckets: 4 }).series);
    const foreign = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: 'a', data: [1], type: 'DOUBLE' }] }),
    );
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /s\.parquet .*complete Parquet file/],
      [good.subarray(0, good.length - 9), /complete Parquet file/],
      [good.slice().fill(255, 4, 400), /s\.parquet/],
      [foreign, /orrery\.series.*run the scenario again/],
    ];
    for (const [bytes, message] of cases) {
      const decoded = decodeSeries(bytes, 's.parquet');
      await expect(decoded).rejects.toMatchObject({ name: 'ScenarioError', exitCode: 3 });
      await expect(decoded).rejects.toThrow(message);
    }
  });
});

describe('readBundle', () => {
  it('gives back what was written, so that the report comes out the same', async () => {
    const bundle = syntheticBundle({ clusters: 3, buckets: 24 });
    const stored = await readBundle(await write(bundle));
    expect(stored).toEqual(bundle);
    expect(reportHtml(stored)).toBe(reportHtml(bundle));
  });

  it('names the file that is missing, cut or of another schema', async () => {
    await expect(readBundle(join(folder, 'out'))).rejects.toThrow(/manifest.json.*no such file/);
    const out = await write(syntheticBundle({ clusters: 1, buckets: 2 }));
    const result = readFileSync(join(out, 'result.json'));
    for (const [text, message] of [
      ['{"schema": ', /result.json.*JSON/],
      ['{"schema": "orrery.result/2"}', /result.json.*schema: got "orrery.result\/2"/],
      ['null', /got none/],
    ] as const) {
      writeFileSync(join(out, 'result.json'), text);
      await expect(readBundle(out)).rejects.toThrow(message);
    }
    writeFileSync(join(out, 'result.json'), result);
    rmSync(join(out, 'series.parquet'));
    await expect(readBundle(out)).rejects.toThrow(/series.parquet.*no such file/);
  });
});
