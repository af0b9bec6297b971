import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import {
  checkBundleTarget,
  readText,
  sha256OfFile,
  sha256OfText,
  writeBundle,
} from '../../../src/host/files.ts';
import type { Bundle } from '../../../src/results/bundle.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The parts of a bundle that writing looks at. */
function bundle(seed: number): Bundle {
  return {
    manifest: { schema: 'orrery.manifest/1', seed },
    result: { schema: 'orrery.result/1', seed },
    distributions: { schema: 'orrery.distributions/1', entries: [] },
    series: {},
  } as unknown as Bundle;
}

async function refused(promise: Promise<unknown>): Promise<ScenarioError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nothing was raised');
}

describe('writeBundle', () => {
  it('writes all files and leaves nothing beside them', async () => {
    const out = join(folder, 'deep', 'out');
    await writeBundle(out, bundle(1), [{ name: 'series.parquet', content: Uint8Array.of(1, 2) }]);
    expect(readdirSync(out).sort()).toEqual([
      'distributions.json',
      'manifest.json',
      'result.json',
      'series.parquet',
    ]);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['out']);
    expect(readFileSync(join(out, 'result.json'), 'utf8')).toMatch(/^\{\n {2}"schema"/);
  });

  it('replaces an earlier bundle as a whole, and an empty folder', async () => {
    const out = join(folder, 'out');
    mkdirSync(out);
    await writeBundle(out, bundle(1), [{ name: 'old.txt', content: 'x' }]);
    await writeBundle(out, bundle(2), []);
    expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).toMatchObject({ seed: 2 });
    expect(existsSync(join(out, 'old.txt'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('replaces the folder behind a link and keeps the link', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await writeBundle(join(folder, 'link'), bundle(3), []);
    expect(existsSync(join(folder, 'real', 'result.json'))).toBe(true);
  });

  it('refuses any other folder with content, and a manifest of something else', async () => {
    for (const name of ['notes.txt', 'manifest.json']) {
      const out = join(folder, `with-${name}`);
      mkdirSync(out);
      writeFileSync(join(out, name), '{"schema":"other/1"}');
      const error = await refused(writeBundle(out, bundle(1), []));
      expect(error.exitCode).toBe(2);
      expect(error.message).toMatch(/--out.*empty folder, or an earlier bundle/);
      expect(readdirSync(out)).toEqual([name]);
    }
  });

  it('says that a file is in the way', async () => {
    writeFileSync(join(folder, 'file'), '');
    const inside = await refused(checkBundleTarget(join(folder, 'file', 'out')));
    expect(inside).toMatchObject({ exitCode: 3 });
    expect((await refused(checkBundleTarget(join(folder, 'file')))).message).toMatch(/--out/);
  });

  it.skipIf(process.getuid?.() === 0)('says that a folder is not writable', async () => {
    chmodSync(folder, 0o500);
    const error = await refused(checkBundleTarget(join(folder, 'out')));
    chmodSync(folder, 0o700);
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(/permission denied/);
  });
});

describe('reading', () => {
  it('gives one clear error for what cannot be read', () => {
    expect(() => readText(join(folder, 'none.yaml'))).toThrow(/no such file/);
    expect(() => readText(folder)).toThrow(/this is a folder/);
    writeFileSync(join(folder, 'latin1'), Buffer.of(0xe9));
    expect(() => readText(join(folder, 'latin1'))).toThrow(/UTF-8/);
  });

  it('hashes files and texts alike', async () => {
    // The published SHA-256 of "abc".
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    writeFileSync(join(folder, 'abc'), 'abc');
    expect(await sha256OfFile(join(folder, 'abc'))).toBe(abc);
    expect(sha256OfText('abc')).toBe(abc);
    await expect(sha256OfFile(join(folder, 'none'))).rejects.toThrow(/no such file/);
  });
});
