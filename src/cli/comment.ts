/** `orrery comment`: the Markdown of a change's comment; posted only if asked. */
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { readText, writeTextFile } from '../host/files.ts';
import { commentTarget, findComment, putComment } from '../host/post-comment.ts';
import { readBundle } from '../host/read-bundle.ts';
import {
  type CommentWhen,
  commentMarkdown,
  commentMarker,
  commentStatus,
  wantsComment,
} from '../reports/comment.ts';
import type { CommentFacts } from '../reports/comment-story.ts';
import { runFactsOfBundle } from '../results/recheck.ts';
import { commentFacts } from './check.ts';
import { EXIT } from './exit-codes.ts';
import {
  type GateOptions,
  gateOptions,
  judge,
  openBaseline,
  readThresholds,
  thresholdsOf,
} from './gate.ts';

interface CommentOptions extends Omit<GateOptions, 'inconclusive'> {
  readonly key: string;
  readonly commentWhen: CommentWhen;
  readonly previous?: string;
  readonly out?: string;
  readonly post?: boolean;
  readonly pr?: string;
}

const EXAMPLES = `Examples:
  orrery comment reports/ci --baseline git:main
  orrery comment reports/ci --baseline base -o comment.md --comment-when regressed
  orrery comment reports/ci --baseline base --key nightly --post --pr 12

`;

const POSTING = `
Nothing is sent without --post; it needs GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN, and the number of the pull request
from the event or --pr. A comment with the same key is replaced; what failed in it stays below, one line each.
`;

/** Makes the verb. */
export function commentCommand(): Command {
  const command = new Command('comment')
    .description('write the comment on a change as Markdown: verdict, cause, what changed')
    .argument('<bundle>', 'folder that orrery run wrote')
    .option('--key <name>', 'hidden name by which the next comment replaces this one', 'capacity')
    .addOption(
      new Option('--comment-when <when>', 'when to write one where there is none yet')
        .choices(['always', 'changed', 'regressed'])
        .default('changed'),
    )
    .option('--previous <file>', 'the comment that this one replaces')
    .option('-o, --out <file>', 'write to a file instead of stdout')
    .option('--post', 'post it on the pull request')
    .option('--pr <number>', 'number of the pull request; default that of the event')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', POSTING);
  // Nothing is decided here, so there is nothing to be undecided about.
  for (const option of gateOptions()) {
    if (option.long !== '--inconclusive') command.addOption(option);
  }
  return command.action(async (directory: string, options: CommentOptions) => {
    process.exitCode = await comment(directory, options);
  });
}

async function comment(directory: string, options: CommentOptions): Promise<number> {
  const { key, commentWhen, out } = options;
  checkOptions(options);
  const facts = await factsOf(directory, options);
  const target =
    options.post === true
      ? commentTarget(process.env, options.pr === undefined ? null : Number(options.pr))
      : null;
  const existing = target && (await findComment(target, commentMarker(key)));
  const previous =
    options.previous === undefined ? (existing?.body ?? null) : readText(options.previous);
  const status = commentStatus(facts);
  if (!wantsComment(status, commentWhen, previous !== null)) {
    process.stderr.write(`no comment: ${status}, and --comment-when is ${commentWhen}\n`);
    return EXIT.ok;
  }
  const text = commentMarkdown(facts, key, previous);
  if (out !== undefined && out !== '-') await writeTextFile(out, text);
  else if (target === null || out === '-') process.stdout.write(text);
  if (target !== null) {
    const address = await putComment(target, text, existing);
    process.stderr.write(`${existing === null ? 'posted' : 'replaced'} ${address}\n`);
  }
  return EXIT.ok;
}

async function factsOf(directory: string, options: CommentOptions): Promise<CommentFacts> {
  const bundle = await readBundle(directory);
  const given =
    options.thresholds === undefined
      ? null
      : readThresholds(options.thresholds, runFactsOfBundle(bundle));
  const baseline = await openBaseline(options, bundle.result.scenario);
  const thresholds = given?.entries ?? thresholdsOf(bundle);
  const judged = judge(bundle, basename(directory), {
    thresholds,
    baseline,
    options: { ...options, inconclusive: 'pass' },
  });
  return commentFacts(bundle, judged, { thresholds, baseline });
}

function checkOptions({ key, pr, post }: CommentOptions): void {
  const issues = [];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(key) || key.includes('--')) {
    const expected = 'letters, digits, single . _ and -, at most 64';
    issues.push({ path: '--key', value: JSON.stringify(key), expected });
  }
  if (pr !== undefined && !/^[1-9]\d{0,9}$/.test(pr)) {
    issues.push({
      path: '--pr',
      value: JSON.stringify(pr),
      expected: 'the number of a pull request',
    });
  }
  if (pr !== undefined && post !== true) {
    issues.push({ path: '--pr', expected: '--post with it', hint: 'only that needs a number' });
  }
  if (issues.length > 0) throw new ScenarioError(issues);
}
