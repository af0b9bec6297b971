/** The modules that worker threads run. */
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sha256OfText, writeTextFile } from './files.ts';
import { packagePath } from './version.ts';

const IS_BUILT = import.meta.url.endsWith('.js');
const compiled = new Map<string, Promise<string>>();

/**
 * Names the module that workers run. From source, where Node 20 cannot import TypeScript, it is compiled into a file
 * below `node_modules`, so that packages are found.
 *
 * @param built where the module lies in an installation, by way of the folder above: a bundled command holds who asks in any
 *   folder of the build
 */
export async function workerFile(built: URL): Promise<string> {
  if (IS_BUILT) return fileURLToPath(built);
  const name = basename(built.pathname, '.js');
  let file = compiled.get(name);
  if (file === undefined) {
    file = compileWorker(name);
    compiled.set(name, file);
  }
  return file;
}

async function compileWorker(worker: string): Promise<string> {
  const { build } = await import('esbuild');
  const source = packagePath('src', 'host', `${worker}.ts`);
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    // State that crosses between threads names its classes.
    keepNames: true,
    // What looks for files of the installation starts from the sources.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) },
  });
  const { text } = outputFiles[0]!;
  const name = `orrery-${worker}-${sha256OfText(text).slice(0, 16)}.mjs`;
  const file = packagePath('node_modules', '.cache', name);
  await writeTextFile(file, text);
  return file;
}
