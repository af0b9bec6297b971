/** One process of `npm run calibrate`: told its share of a study, it sends each outcome when it is there. */
import type { Share } from './calibrate.ts';
import { alarmExperiment } from './calibrate-alarms.ts';
import { coverageExperiment } from './calibrate-coverage.ts';
import { luckExperiment } from './calibrate-luck.ts';

let isStopped = false;

process.on('message', (message: Share | 'stop') => {
  if (message === 'stop') isStopped = true;
  else void work(message);
});

async function work({ study, seed, from, until }: Share): Promise<void> {
  for (let i = from; i < until && !isStopped; i++) {
    const outcome =
      study === 'coverage'
        ? await coverageExperiment(seed, i)
        : study === 'alarms'
          ? await alarmExperiment(seed, i)
          : await luckExperiment(seed, i);
    process.send!({ i, outcome });
  }
  process.disconnect();
}
