/** Texts at the end of files that others write too, such as the step summary of a workflow. */
import { appendFileSync } from 'node:fs';
import { fileError } from './files.ts';

/** Appends a text to a file, which is made if it is not there. @throws ScenarioError (exit 3) if it cannot be written */
export function appendTextFile(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw fileError(error, { path, expected: 'a file that can be written', exitCode: 3 });
  }
}
