/** `orrery sweep merge`: puts the shards of a study together. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { StudyStore } from '../host/study-store.ts';
import { commonPlan, copyRuns, sourcesOf } from '../host/sweep-merge.ts';
import { finishStudy } from './sweep-results.ts';

const EXAMPLES = `Examples:
  orrery sweep merge shard-1 shard-2 --out reports/policies
  orrery sweep merge shards/* -o reports/fgd
  orrery sweep merge reports/fgd -o copy

`;

/** Makes the verb below `sweep`. */
export function mergeCommand(): Command {
  return (
    new Command('merge')
      .description('put the shards of a study together: complete, and equal to the study in one go')
      .argument('<dirs...>', 'folders of the shards')
      .requiredOption('-o, --out <dir>', 'folder of the whole study')
      .option('-q, --quiet', 'print nothing but the last line')
      .addHelpText('before', EXAMPLES)
      // A verb below a verb does not take over how the program ends.
      .exitOverride()
      .action(async (directories: string[], options: { out: string; quiet?: boolean }) => {
        await merge(directories, options);
      })
  );
}

async function merge(
  directories: readonly string[],
  { out, quiet }: { readonly out: string; readonly quiet?: boolean },
): Promise<void> {
  if (directories.some((directory) => resolve(directory) === resolve(out))) {
    const expected = 'a folder that is none of the shards';
    throw new ScenarioError([{ path: '--out', value: out, expected }]);
  }
  const plan = commonPlan(directories);
  const sources = sourcesOf(plan, directories);
  const store = new StudyStore(out);
  const earlier = await store.open();
  if (earlier !== null && earlier.name !== plan.name) {
    const hint = `it holds the study ${earlier.name}; choose another folder`;
    const expected = `a new folder, or that of ${plan.name}`;
    throw new ScenarioError([{ path: '--out', value: out, expected, hint }]);
  }
  await store.writePlan(plan);
  await copyRuns(sources, store);
  const { text } = await finishStudy(plan, store);
  if (quiet !== true) process.stdout.write(`${text}\n`);
  process.stdout.write(`study ${out}\n`);
}
