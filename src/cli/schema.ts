/** `orrery schema`: the JSON Schema of scenario files, for editors. */
import { Command } from 'commander';
import { writeTextFile } from '../host/files.ts';
import { scenarioJsonSchema } from '../scenario/schema.ts';

const EXAMPLES = `Examples:
  orrery schema
  orrery schema --out schema/scenario.schema.json
  orrery schema | grep '"horizon"'

`;

/** Makes the verb. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of scenario files')
    .option('--out <file>', 'write it to a file instead of stdout')
    .addHelpText('before', EXAMPLES)
    .action(async (options: { out?: string }) => {
      const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
      if (options.out === undefined) process.stdout.write(text);
      else await writeTextFile(options.out, text);
    });
}
