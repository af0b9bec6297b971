/** `npm run reproduce`: replays published studies through the engine and compares. Exit 0 equal, 1 deviates, 3 data. */
import { parseArgs } from 'node:util';
import { writeTextFile } from '../../src/host/files.ts';
import { runTool, usageError } from './command.ts';
import { reproduceEasy } from './reproduce/easy.ts';
import { type FgdCase, reproduceFgd } from './reproduce/fgd.ts';

const USAGE = `usage: npm run reproduce -- fgd --data DIR [--nodes FILE] [--variant V|all] [--policy P] [--json FILE]
       npm run reproduce -- easy --data DIR [--json FILE]`;

const OPTIONS = {
  data: { type: 'string' },
  nodes: { type: 'string' },
  variant: { type: 'string' },
  policy: { type: 'string' },
  json: { type: 'string' },
} as const;

function lineOf(done: FgdCase): string {
  const verdict = done.ok ? 'ok' : done.gated ? 'DEVIATES' : 'off (not gated)';
  const most = done.maxDeviation === null ? 'a missing value' : done.maxDeviation.toFixed(4);
  return (
    `${done.variant.padEnd(12)} ${done.policy.padEnd(13)} ${verdict}: ${done.seeds} seeds, ` +
    `${done.points} values, largest deviation ${most} at ${done.worst?.column ?? '-'}`
  );
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
  });
  const [study, ...rest] = positionals;
  if (values.data === undefined || rest.length > 0) throw usageError(USAGE);
  if (study === 'fgd') {
    const startedMs = performance.now();
    const report = reproduceFgd({
      data: values.data,
      nodes: values.nodes ?? null,
      variant: values.variant ?? 'all',
      policy: values.policy ?? null,
      seeds: null,
      onCase: (done) => {
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
        process.stderr.write(`${lineOf(done)} (${seconds} s)\n`);
      },
    });
    if (values.json !== undefined) await writeTextFile(values.json, `${JSON.stringify(report)}\n`);
    const points = report.cases.reduce((sum, done) => sum + (done.gated ? done.points : 0), 0);
    console.log(
      `fgd: ${report.ok ? 'equal' : 'DEVIATES'}: ${points} gated values within ${report.tolerance}`,
    );
    return report.ok ? 0 : 1;
  }
  if (study === 'easy') {
    if (values.nodes ?? values.variant ?? values.policy) throw usageError(USAGE);
    const report = reproduceEasy(values.data);
    if (values.json !== undefined) await writeTextFile(values.json, `${JSON.stringify(report)}\n`);
    const { jobs, startsEqual, hostsEqual, makespanSeconds, meanWaitSeconds } = report;
    console.log(
      `easy: ${report.ok ? 'equal' : 'DEVIATES'}: ${startsEqual} of ${jobs} starts, ${hostsEqual} of ${jobs} host sets; ` +
        `makespan ${makespanSeconds} s, mean wait ${meanWaitSeconds.toFixed(6)} s`,
    );
    return report.ok ? 0 : 1;
  }
  throw usageError(USAGE);
}

await runTool(main);
