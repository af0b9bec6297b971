/** The completion scripts of the three shells, generated from the verbs. */
import type { Candidates, OptionSpec, VerbSpec } from './completion.ts';

/** Quotes a text for bash, zsh and fish: nothing in single quotes is special but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const wordsOf = (words: readonly string[]): string => quote(words.join(' '));

/** Writes the script for bash 3.2 and later. */
export function bashScript(verbs: readonly VerbSpec[]): string {
  const action = (candidates: Candidates): string => {
    if (candidates.kind === 'words') return `_orrery_words ${wordsOf(candidates.words)}`;
    if (candidates.kind === 'files') return '_orrery_paths -f';
    return candidates.kind === 'folders' ? '_orrery_paths -d' : ':';
  };
  const values = verbs.flatMap((verb) =>
    verb.options.flatMap(({ flags, value }) =>
      value === null ? [] : [[`${flags.map((flag) => `${verb.name},${flag}`).join('|')}`, value]],
    ),
  ) as [string, Candidates][];
  const flagWords = (verb: VerbSpec): string =>
    wordsOf(verb.options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--'))));
  const positions = verbs.flatMap((verb) =>
    verb.arguments.map(({ candidates, isVariadic }, i) => {
      const position = isVariadic ? '*' : i;
      return `    ${verb.name},${position}) ${action(candidates)} ;;`;
    }),
  );
  return `# orrery completion for bash: eval "$(orrery completion bash)"
_orrery_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_orrery_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
_orrery() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} before i position=0
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _orrery_words ${wordsOf([...verbs.map((verb) => verb.name), '--help', '--version'])}
    return
  fi
  case "$verb,\${COMP_WORDS[COMP_CWORD - 1]}" in
${values.map(([pattern, value]) => `    ${pattern}) ${action(value)}; return ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$verb" in
${verbs.map((verb) => `      ${verb.name}) _orrery_words ${flagWords(verb)} ;;`).join('\n')}
    esac
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    before=\${COMP_WORDS[i]}
    case "$verb,$before" in
      ${values.map(([pattern]) => pattern).join('|')}) ((i++)) ;;
      *,-*) ;;
      *) ((position++)) ;;
    esac
  done
  case "$verb,$position" in
${positions.join('\n')}
  esac
}
complete -F _orrery orrery
`;
}

/** Writes the script for zsh. */
export function zshScript(verbs: readonly VerbSpec[]): string {
  const plain = (text: string): string => text.replaceAll(/[[\]\\:]/g, (c) => `\\${c}`);
  const action = (candidates: Candidates): string => {
    if (candidates.kind === 'words') return `(${candidates.words.join(' ')})`;
    if (candidates.kind === 'files') return '_files';
    return candidates.kind === 'folders' ? '_files -/' : ' ';
  };
  const option = ({ flags, description, value }: OptionSpec): string => {
    const rest = `[${plain(description)}]${value === null ? '' : `:value:${action(value)}`}`;
    if (flags.length === 1) return quote(`*${flags[0]}${rest}`);
    return `${quote(`(${flags.join(' ')})`)}{${flags.join(',')}}${quote(rest)}`;
  };
  const verbLines = verbs.map((verb) => `    ${quote(`${verb.name}:${plain(verb.description)}`)}`);
  const cases = verbs.map((verb) => {
    const specs = [
      ...verb.options.map(option),
      ...verb.arguments.map(({ name, candidates, isVariadic }) =>
        quote(`${isVariadic ? '*' : ''}:${name}:${action(candidates)}`),
      ),
    ];
    return `    ${verb.name})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
  });
  return `#compdef orrery
# orrery completion for zsh: put this into a file _orrery in a folder of fpath
_orrery() {
  local -a verbs
  verbs=(
${verbLines.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _orrery ]]; then _orrery "$@"; else compdef _orrery orrery; fi
`;
}

/** Writes the script for fish. */
export function fishScript(verbs: readonly VerbSpec[]): string {
  const seen = (verb: VerbSpec): string =>
    `-n ${quote(`__fish_seen_subcommand_from ${verb.name}`)}`;
  const action = (candidates: Candidates): string => {
    if (candidates.kind === 'words') return `-x -a ${wordsOf(candidates.words)}`;
    if (candidates.kind === 'files') return '-r -F';
    return candidates.kind === 'folders' ? `-x -a '(__fish_complete_directories)'` : '-x';
  };
  const option = (verb: VerbSpec, { flags, description, value }: OptionSpec): string => {
    const names = flags.map((flag) =>
      flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
    );
    const rest = value === null ? '' : ` ${action(value)}`;
    return `complete -c orrery ${seen(verb)} ${names.join(' ')}${rest} -d ${quote(description)}`;
  };
  const argument = (verb: VerbSpec): string[] =>
    verb.arguments.flatMap(({ candidates }) => {
      if (candidates.kind === 'words') {
        return [`complete -c orrery ${seen(verb)} -a ${wordsOf(candidates.words)}`];
      }
      if (candidates.kind === 'anything') return [];
      const what = candidates.kind === 'files' ? '-F' : `-a '(__fish_complete_directories)'`;
      return [`complete -c orrery ${seen(verb)} ${what}`];
    });
  const lines = verbs.flatMap((verb) => [
    `complete -c orrery -n __fish_use_subcommand -a ${verb.name} -d ${quote(verb.description)}`,
    ...verb.options.map((one) => option(verb, one)),
    ...argument(verb),
  ]);
  return `# orrery completion for fish
complete -c orrery -f
${lines.join('\n')}
`;
}
