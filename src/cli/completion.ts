/** `orrery completion`: scripts by which a shell completes verbs, options, names and files. */
import { Argument, Command } from 'commander';
import { bashScript, fishScript, zshScript } from './completion-scripts.ts';

/** What may stand in a place of the command line. */
export type Candidates =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'anything' };

/** An option of a verb. */
export interface OptionSpec {
  /** As typed: `-o`, `--out`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What its value may be; null if it takes none. */
  readonly value: Candidates | null;
}

/** An argument of a verb by position. */
export interface ArgumentSpec {
  readonly name: string;
  readonly candidates: Candidates;
  /** True for the last one if it may be repeated. */
  readonly isVariadic: boolean;
}

/** A verb of the command. */
export interface VerbSpec {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  readonly arguments: readonly ArgumentSpec[];
}

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

const EXAMPLES = `Examples:
  eval "$(orrery completion bash)"                                        in ~/.bashrc
  orrery completion zsh > ~/.zfunc/_orrery                                with ~/.zfunc in fpath
  orrery completion fish > ~/.config/fish/completions/orrery.fish

`;

/**
 * Makes the verb.
 *
 * @param program the whole command, asked when the verb runs
 */
export function completionCommand(program: () => Command): Command {
  return new Command('completion')
    .description('print a script by which a shell completes the command')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .addHelpText('before', EXAMPLES)
    .action((shell: keyof typeof SHELLS) => {
      process.stdout.write(SHELLS[shell](verbsOf(program())));
    });
}

/** Reads verbs, options and arguments off a command. *Order*: as declared. */
export function verbsOf(program: Command): VerbSpec[] {
  return program.commands.map((verb) => ({
    name: verb.name(),
    description: verb.description(),
    options: [
      ...verb.options.map((option) => ({
        flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
        description: option.description,
        value:
          option.required || option.optional
            ? candidatesOf(placeholderOf(option.flags), option.argChoices)
            : null,
      })),
      { flags: ['-h', '--help'], description: 'explain the verb', value: null },
    ],
    arguments: verb.registeredArguments.map((argument) => ({
      name: argument.name(),
      candidates: candidatesOf(argument.name(), argument.argChoices),
      isVariadic: argument.variadic,
    })),
  }));
}

/** `out` of `-o, --out <out>`. */
function placeholderOf(flags: string): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
}

const FILES = ['file', 'target', 'path'];
const FOLDERS = ['dir', 'bundle', 'base', 'heads'];

/** Placeholders say what a value is, to people and here. */
function candidatesOf(placeholder: string, choices: readonly string[] | undefined): Candidates {
  if (choices !== undefined && choices.length > 0) return { kind: 'words', words: choices };
  if (FILES.includes(placeholder)) return { kind: 'files' };
  return { kind: FOLDERS.includes(placeholder) ? 'folders' : 'anything' };
}
