/** `npm run ground-truth`: simulates cases with known answers. Exit 0 if none failed, 1 else, 3 for the data. */
import { parseArgs } from 'node:util';
import { writeTextFile } from '../../src/host/files.ts';
import { runTool, usageError } from './command.ts';
import { runGroundTruth } from './ground-truth/cases.ts';

const USAGE = 'npm run ground-truth -- DIR [--traces DIR] [--only FILE] [--strict] [--json FILE]';

const OPTIONS = {
  traces: { type: 'string' },
  only: { type: 'string' },
  strict: { type: 'boolean' },
  json: { type: 'string' },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw usageError(USAGE);
  const startedMs = performance.now();
  const report = runGroundTruth({
    folder,
    traces: values.traces ?? null,
    only: values.only ?? null,
    onCase: (file, { index, name, status, reason }) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
      const why = reason === null ? '' : `: ${reason}`;
      process.stderr.write(`${status} ${file}[${index}] ${name}${why} (${seconds} s)\n`);
    },
  });
  if (values.json !== undefined) await writeTextFile(values.json, `${JSON.stringify(report)}\n`);
  const { passed, failed, skipped } = report;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || (values.strict === true && skipped > 0) ? 1 : 0;
}

await runTool(main);
