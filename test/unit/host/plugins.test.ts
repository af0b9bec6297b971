import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { sha256OfText } from '../../../src/host/files.ts';
import { loadPlugin } from '../../../src/host/plugins.ts';

const folder = mkdtempSync(join(tmpdir(), 'orrery-plugins-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(source: string, extension = '.ts'): string {
  const path = join(folder, `plugin-${files++}${extension}`);
  writeFileSync(path, source);
  return path;
}

const POLICY = `{ contract: 'queueing', name: 'acme/lifo', summary: 's', create: () => ({}) }`;

async function failure(path: string, loadMsMax?: number): Promise<string> {
  try {
    await loadPlugin(path, loadMsMax);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(path);
    return error.message;
  }
  throw new Error('nothing was raised');
}

describe('loadPlugin', () => {
  it('loads TypeScript with types and one policy, and hashes its source', async () => {
    const source = `const name: string = 'x'; export default ${POLICY} as { name: string };`;
    const plugin = await loadPlugin(write(source));
    expect(plugin.policies).toMatchObject([{ contract: 'queueing', name: 'acme/lifo' }]);
    expect(plugin.name).toMatch(/^plugin-\d+\.ts$/);
    expect(plugin.sha256).toBe(sha256OfText(source));
  });

  it('loads JavaScript with an array of policies, its own files and Node modules', async () => {
    writeFileSync(join(folder, 'part.js'), `export const name = 'acme/part';`);
    const source = `import { name } from './part.js'; import { sep } from 'node:path';
      export default [{ ...${POLICY}, name }, { ...${POLICY}, name: 'acme/two', separator: sep }];`;
    const plugin = await loadPlugin(write(source, '.mjs'));
    expect(plugin.policies.map((policy) => policy.name)).toEqual(['acme/part', 'acme/two']);
    expect(plugin.sha256).not.toBe(sha256OfText(source));
  });

  it('finds packages from the folder of the plug-in', async () => {
    const home = join(folder, 'node_modules', 'lib');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"lib","main":"index.js"}');
    writeFileSync(join(home, 'index.js'), `exports.word = require('node:path').basename('/acme');`);
    const source = `import { word } from 'lib'; export default { ...${POLICY}, name: word + '/lib' };`;
    expect((await loadPlugin(write(source))).policies[0]!.name).toBe('acme/lib');
  });

  it.each([
    ['no default export', 'export const x = 1;', /default export/],
    ['an empty array', 'export default [];', /array is empty/],
    ['a string', `export default 'policy';`, /default export/],
    ['a policy without create', `export default { ...${POLICY}, create: 1 };`, /create/],
    [
      'an unknown contract',
      `export default { ...${POLICY}, contract: 'magic' };`,
      /default export/,
    ],
    [
      'a name without a vendor',
      `export default { ...${POLICY}, name: 'lifo' };`,
      /acme\/quiet-rack/,
    ],
    ['a syntax error', 'export default {', /compiles.*plugin-\d+\.ts:1/],
    ['a missing package', `import 'no-such-package'; export default ${POLICY};`, /no-such-package/],
    ['a throw at load', `throw new Error('no licence'); export default ${POLICY};`, /no licence/],
    ['an exit at load', `process.exit(3); export default ${POLICY};`, /code 3/],
  ])('refuses %s', async (_, source, message) => {
    expect(await failure(write(source))).toMatch(message);
  });

  it('refuses a file that never finishes to load', async () => {
    expect(await failure(write(`for (;;) {} export default ${POLICY};`), 500)).toMatch(/0.5 s/);
    expect(await failure(write('await new Promise(() => {}); export default 1;'), 500)).toMatch(
      /0.5 s|ended/,
    );
  });

  it('refuses a missing file, a folder and another kind of file', async () => {
    expect(await failure(join(folder, 'none.ts'))).toMatch(/no such file/);
    mkdirSync(join(folder, 'folder.ts'));
    expect(await failure(join(folder, 'folder.ts'))).toMatch(/folder/);
    expect(await failure(join(folder, 'policy.py'))).toMatch(/ending in .ts/);
  });
});
