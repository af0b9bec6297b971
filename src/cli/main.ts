#!/usr/bin/env node
/** The command: verbs, help, and from errors to exit codes. */
import { Command, CommanderError } from 'commander';
import { fileError } from '../host/files.ts';
import { orreryVersion } from '../host/version.ts';
import { checkCommand } from './check.ts';
import { commentCommand } from './comment.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor.ts';
import { describeError, EXIT, exitCodeOf } from './exit-codes.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { initCommand } from './init.ts';
import { metricsCommand } from './metrics.ts';
import { policiesCommand } from './policies.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { sweepCommand } from './sweep.ts';
import { validateCommand } from './validate.ts';

const EXAMPLES = `Examples:
  orrery run scenarios/quickstart.yaml --seed 42
  orrery run scenarios/quickstart.yaml horizon=6h policies.scheduling=best-fit --out reports/best-fit
  orrery init mine.yaml --template hybrid-burst

`;

function makeProgram(): Command {
  const program = new Command('orrery')
    .description('Simulates clusters at planet scale: what would happen, how well, at what cost?')
    .version(orreryVersion())
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', '\norrery <verb> --help explains a verb.')
    // An option belongs to the verb that it follows: sweep and sweep merge both have --out.
    .enablePositionalOptions()
    .showSuggestionAfterError();
  for (const verb of [
    initCommand(),
    validateCommand(),
    runCommand(),
    sweepCommand(),
    compareCommand(),
    checkCommand(),
    commentCommand(),
    reportCommand(),
    explainCommand(),
    exportCommand(),
    policiesCommand(),
    metricsCommand(),
    schemaCommand(),
    completionCommand(() => program),
    doctorCommand(),
  ]) {
    // Verbs are made apart: they take over how the program ends and prints.
    program.addCommand(verb.copyInheritedSettings(program).exitOverride());
  }
  return program.exitOverride();
}

/** Commander ends with 1 where a flag or verb is wrong; help and version are no errors. */
function codeOfCommander(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}

async function main(): Promise<void> {
  // A reader that went away (head, a closed pager) is not an error; the run goes on and writes its bundle.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    const expected = 'an output that can be written';
    const told = fileError(error, { path: 'stdout', expected, exitCode: EXIT.data });
    process.stderr.write(describeError(told, Boolean(process.env.ORRERY_DEBUG)));
    process.exit(EXIT.data);
  });
  // Where nobody can be told, the work is still done and its exit code says how it went.
  process.stderr.on('error', () => {});
  try {
    await makeProgram().parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = codeOfCommander(error);
      return;
    }
    process.stderr.write(describeError(error, Boolean(process.env.ORRERY_DEBUG)));
    process.exitCode = exitCodeOf(error);
  }
}

await main();
// A plug-in may have left a timer behind, which must not keep the command alive.
process.stdout.write('', () => {
  // One turn later, because an output that failed says so after this.
  setImmediate(() => process.exit());
});
