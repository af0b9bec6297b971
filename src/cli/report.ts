/** `orrery report`: writes the report of a stored bundle again; nothing is simulated. */
import { join } from 'node:path';
import { Command } from 'commander';
import { writeTextFile } from '../host/files.ts';
import { readBundle } from '../host/read-bundle.ts';
import { reportHtml } from '../reports/html.ts';

const EXAMPLES = `Examples:
  orrery report reports/quickstart
  orrery report reports/quickstart --out quickstart.html
  orrery report reports/quickstart --out - > quickstart.html

`;

/** Makes the verb. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write the HTML report of a stored bundle again, without simulating')
    .argument('<bundle>', 'folder that orrery run wrote')
    .option('-o, --out <file>', 'the page; - is stdout (default: report.html in the bundle)')
    .addHelpText('before', EXAMPLES)
    .action(async (directory: string, options: { out?: string }) => {
      const html = reportHtml(await readBundle(directory));
      if (options.out === '-') {
        process.stdout.write(html);
        return;
      }
      const file = options.out ?? join(directory, 'report.html');
      await writeTextFile(file, html);
      process.stdout.write(`report ${file}\n`);
    });
}
