/** `orrery doctor`: can it do its work on this machine, and what to do if not. */
import { Command, Option } from 'commander';
import { checkUp, type Finding } from '../host/checkup.ts';
import { orreryVersion } from '../host/version.ts';
import { EXIT } from './exit-codes.ts';

const EXAMPLES = `Examples:
  orrery doctor
  ORRERY_DATA=data orrery doctor
  orrery doctor --format json

`;

const CODES = `
Exits with 0 if nothing fails (warnings are allowed), else with 2.
`;

/** Makes the verb. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check Node, the installation, memory, folders and data; say what to do')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', CODES)
    .action((options: { format: 'text' | 'json' }) => {
      const { env, version } = process;
      const findings = checkUp({ folder: process.cwd(), env, nodeVersion: version });
      const isWell = findings.every(({ status }) => status !== 'fail');
      const file = { orrery: orreryVersion(), ok: isWell, checks: findings };
      process.stdout.write(
        options.format === 'json' ? `${JSON.stringify(file, null, 2)}\n` : textOf(findings),
      );
      process.exitCode = isWell ? EXIT.ok : EXIT.usage;
    });
}

/** Prints one line per finding, and what to do below it. */
export function textOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, status, text, fix }) => {
    const line = `${status.padEnd(4)}  ${name.padEnd(width)}  ${text}`;
    return fix === null ? [line] : [line, `${' '.repeat(width + 8)}fix: ${fix}`];
  });
  const count = (status: Finding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  const [warnings, failures] = [count('warn'), count('fail')];
  const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const verdict =
    failures > 0
      ? `${plural(failures, 'failure')}, ${plural(warnings, 'warning')}`
      : warnings > 0
        ? `ready, with ${plural(warnings, 'warning')}`
        : 'ready';
  return `${lines.join('\n')}\n${verdict}\n`;
}
