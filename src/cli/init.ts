/** `orrery init`: a scenario to start from, with comments, that runs as it is. */
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { writeNewFile } from '../host/files.ts';
import { purposeOf, readTemplate, templateNames, withSchema } from '../host/templates.ts';

const DEFAULT_TEMPLATE = 'capacity';

interface InitOptions {
  readonly template: string;
  readonly list?: boolean;
}

const EXAMPLES = `Examples:
  orrery init
  orrery init mine.yaml --template hybrid-burst
  orrery init --list

`;

/** Makes the verb. */
export function initCommand(): Command {
  return new Command('init')
    .description('write a scenario to start from, with comments')
    .argument('[target]', 'a .yaml file or a folder; - is stdout (default: NAME.yaml here)')
    .addOption(templateOption())
    .option('--list', 'list the templates')
    .addHelpText('before', EXAMPLES)
    .action(async (target: string | undefined, options: InitOptions) => {
      if (options.list === true) process.stdout.write(listing());
      else await write(options.template, target ?? '.');
    });
}

/** Names are checked by the reader, which knows the nearest one; here they serve help and completion. */
function templateOption(): Option {
  const option = new Option('--template <name>', 'what to start from').default(DEFAULT_TEMPLATE);
  option.argChoices = templateNames();
  return option;
}

async function write(name: string, target: string): Promise<void> {
  const template = readTemplate(name);
  if (target === '-') {
    process.stdout.write(withSchema(template, '.'));
    return;
  }
  const isFile = /\.ya?ml$/.test(target);
  const file = isFile ? target : join(target, `${name}.yaml`);
  await writeNewFile(file, withSchema(template, dirname(file)), {
    hint: 'nothing was written; name another file: orrery init OTHER.yaml',
  });
  process.stdout.write(`wrote ${file}: ${purposeOf(template)}\nNEXT   orrery run ${file}\n`);
}

function listing(): string {
  const names = templateNames();
  if (names.length === 0) {
    const hint = 'the installation lacks scenarios/templates: install it again';
    throw new ScenarioError([{ path: '', expected: 'templates', hint }]);
  }
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${purposeOf(readTemplate(name))}\n`).join('');
}
