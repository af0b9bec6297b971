/** Runs the shell steps of a composite action as a workflow would, with the actions that it uses left out. */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** An action file, as far as it is read here. */
export interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly default?: string; readonly required?: boolean }>
  >;
  readonly runs: { readonly steps: readonly Step[] };
}

/** What surrounds a run of the action. */
export interface Job {
  /** Contexts by dotted name, such as `github.base_ref`. */
  readonly contexts: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `RUNNER_TEMP`; also holds the files of summary and outputs. */
  readonly temp: string;
  readonly env: Readonly<Record<string, string>>;
}

export const readAction = (file: string): Action => parse(readFileSync(file, 'utf8')) as Action;

/** Runs all steps but those of `skip`, until one fails; gives the code and what was printed. */
export async function runAction(
  action: Action,
  job: Job,
  skip: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: given = '' }]) => [
      `inputs.${name}`,
      job.inputs[name] ?? fill(given, job.contexts),
    ]),
  );
  const contexts = { ...job.contexts, ...inputs };
  let output = '';
  for (const step of action.runs.steps) {
    if (step.run === undefined || skip.includes(step.id ?? '')) continue;
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, contexts)]),
    );
    const script = join(job.temp, `${step.id}.sh`);
    writeFileSync(script, step.run);
    const files = { GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_OUTPUT: 'output.txt' };
    for (const [name, file] of Object.entries(files)) {
      env[name] = join(job.temp, file);
      appendFileSync(env[name], '');
    }
    const done = await bash(script, job, env);
    output += done.output;
    if (done.code !== 0) return { code: done.code, output };
  }
  return { code: 0, output };
}

function bash(
  script: string,
  job: Job,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  // As the runner starts it.
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: job.cwd,
    env: { ...process.env, ...job.env, RUNNER_TEMP: job.temp, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Fills in `${{ name }}`; a name that is not known is empty, as there. */
function fill(text: string, contexts: Readonly<Record<string, string>>): string {
  return String(text).replace(
    /\$\{\{\s*([\w.-]+)\s*\}\}/g,
    (_, name: string) => contexts[name] ?? '',
  );
}
