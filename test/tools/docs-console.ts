/**
 * Blocks of a terminal in the documents are run, not remembered: each line `$ npx orrery ...` is followed by what the
 * command prints. Progress is left out; a failing command ends with its exit code.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

/** Commands of a page's terminal blocks, in order. */
export function commandsOf(page: string): string[] {
  return [...page.matchAll(BLOCK)].flatMap((match) => commandLines(match[1]!));
}

/**
 * Runs the commands of all terminal blocks in a folder and puts their output in the place of the old.
 *
 * @param page Markdown
 * @param folder where commands run: its `reports/` is written to
 * @param env variables that are added, such as `ORRERY_DATA`
 */
export async function renderConsole(
  page: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  let out = '';
  let end = 0;
  for (const match of page.matchAll(BLOCK)) {
    const texts: string[] = [];
    for (const command of commandLines(match[1]!)) {
      texts.push(`$ ${command}\n${await outputOf(command, folder, env)}`);
    }
    out += `${page.slice(end, match.index)}\`\`\`console\n${texts.join('')}\`\`\``;
    end = match.index + match[0].length;
  }
  return out + page.slice(end);
}

function commandLines(block: string): string[] {
  return block
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2));
}

function outputOf(
  command: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const quiet = command.replace(/^npx orrery run /, 'npx orrery run --progress none ');
  const script = `orrery() { "$ORRERY_NODE" --import "$ORRERY_TSX" "$ORRERY_MAIN" "$@"; }\n${quiet.replaceAll('npx orrery', 'orrery')}`;
  const options = {
    cwd: folder,
    env: {
      ...process.env,
      NO_COLOR: '1',
      ORRERY_NODE: process.execPath,
      ORRERY_TSX: TSX,
      ORRERY_MAIN: MAIN,
      ...env,
    },
  };
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? `(exit code ${error.code})\n` : '';
      resolve(`${stdout}${stderr}${code}`);
    });
  });
}
