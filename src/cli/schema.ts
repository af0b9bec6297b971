/** `orrery schema`: the JSON Schemas of scenario and study files, for editors. */
import { Command } from 'commander';
import { writeTextFile } from '../host/files.ts';
import { scenarioJsonSchema } from '../scenario/schema.ts';
import { studyJsonSchema } from '../scenario/study-schema.ts';

const EXAMPLES = `Examples:
  orrery schema
  orrery schema --out schema/scenario.schema.json
  orrery schema --study --out schema/study.schema.json

`;

/** Makes the verb. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of scenario files, or of studies')
    .option('--study', 'of study files, as orrery sweep reads them')
    .option('--out <file>', 'write it to a file instead of stdout')
    .addHelpText('before', EXAMPLES)
    .action(async (options: { out?: string; study?: boolean }) => {
      const schema = options.study === true ? studyJsonSchema() : scenarioJsonSchema();
      const text = `${JSON.stringify(schema, null, 2)}\n`;
      if (options.out === undefined) process.stdout.write(text);
      else await writeTextFile(options.out, text);
    });
}
