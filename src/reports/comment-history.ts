/** What earlier comments said that had failed: kept when a comment is replaced, one line each. */

const KEPT_MAX = 10;
const LINE_MAX = 300;
const HEAD = /^### ❌ (.*)$/m;
const STORY = /^\*\*(.*)\*\*/m;
/** Only what this tool writes: anybody can write a comment with our key in it. */
const SAFE = /^- ❌ [^<>@`|\\*[\]()!~$_]*$/;

/**
 * Takes the history out of a comment: its own failure first, then those that it kept already, each line as Markdown.
 *
 * @param previous text of the comment, or null
 */
export function historyOf(previous: string | null): readonly string[] {
  if (previous === null) return [];
  const lines: string[] = [];
  const head = HEAD.exec(previous)?.[1];
  if (head !== undefined) {
    const story = STORY.exec(previous)?.[1];
    lines.push(`- ❌ ${plainOf(story === undefined ? head : `${head}: ${story}`)}`);
  }
  for (const line of previous.split(/\r?\n/)) {
    if (line.startsWith('- ❌ ') && !lines.includes(line)) lines.push(line);
  }
  return lines.filter((line) => SAFE.test(line)).slice(0, KEPT_MAX);
}

/** Writes the history folded away; nothing where there is none. */
export function historySection(history: readonly string[]): string[] {
  if (history.length === 0) return [];
  const summary = `Earlier on this change: ${history.length} failed`;
  return [`<details><summary>${summary}</summary>`, '', ...history, '', '</details>'];
}

/** Leaves entities and words; what could be markup goes. */
function plainOf(text: string): string {
  return text
    .replace(/<!--.*?-->/g, '')
    .replace(/[<>@`|\\*[\]()!~$_]/g, (c) => (c === '_' ? '&#95;' : ' '))
    .slice(0, LINE_MAX);
}
