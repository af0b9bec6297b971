/** What the manifest of a run says that writes no bundle. */
import type { SimulationManifest } from '../../../src/run/run.ts';

/** An empty manifest. */
export const NO_MANIFEST: SimulationManifest = {
  scenarioSha256: '',
  inputs: [],
  overrides: [],
  plugins: [],
  orreryVersion: '0.0.0',
};
