/** How the tools of the tests end: results on stdout, one clear message on stderr, the exit code of the error's family. */
import { ScenarioError } from '../../src/base/errors.ts';

/** The error for a wrong command line: exit 2. */
export function usageError(usage: string, hint?: string): ScenarioError {
  return new ScenarioError([{ path: 'usage', expected: usage, hint }], 2);
}

/** Runs a tool and sets the exit code of the process. */
export async function runTool(main: (args: string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ScenarioError) && !isArgumentError(error)) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = error instanceof ScenarioError ? error.exitCode : 2;
  }
}

/** What `parseArgs` throws for options that it does not know. */
function isArgumentError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}
