/** The shape of objects that only Kubernetes has, beside workloads. */
import * as z from 'zod';
import { durationLaw, runTimeLaw } from './schema-laws.ts';
import {
  choice,
  duration,
  flag,
  labels,
  listOf,
  name,
  positiveDuration,
  shape,
  text,
  whole,
} from './schema-values.ts';

/** One file of Kubernetes objects, or several. */
export const kubePaths = z.union(
  [text('the path of a file'), listOf('paths of files', text('the path of a file'))],
  { error: 'the path of a file, or a list of paths' },
);

/** What Kubernetes does not say of pods. */
export const kubeAnswers = {
  duration: runTimeLaw
    .optional()
    .describe('Run time of the pods of Jobs, which Kubernetes does not say. Required with Jobs.'),
  startup: durationLaw
    .optional()
    .describe('From bind to running: image pull and start; default 0s.'),
};

/** Files of a cluster. */
export const kubeFiles = z.union(
  [
    text('the path of a file'),
    listOf('paths of files', text('the path of a file')),
    shape('a snapshot', {
      files: kubePaths.describe('What kubectl get -A -o yaml or json printed.'),
      ...kubeAnswers,
    }),
  ],
  { error: 'the path of a file, a list of paths, or {files, duration, startup}' },
);

/** A change of a controller's template as written. */
export const rollout = (podChanges: z.ZodType) =>
  shape('a rollout', {
    workload: text('the name of a workload').describe(
      'A deployment, statefulset or daemonset of the scenario or its files.',
    ),
    at: duration.describe('When.'),
    pod: podChanges.optional().describe('What changes in its pods.'),
    broken: flag
      .optional()
      .describe('True: containers of this release never become ready; default false.'),
    undo: z
      .union([flag, whole(1, 1_000_000_000)], { error: 'true, or the number of a revision' })
      .optional()
      .describe('Instead of pod: back to the revision before, or to one by number.'),
  });

/** What is done to nodes, as written. */
export const maintenance = shape('maintenance of nodes', {
  target: text('a failure domain').describe('node/CLUSTER/POOL/0, pool/CLUSTER/POOL, zone/NAME...'),
  at: duration.describe('When.'),
  action: choice(['drain', 'cordon', 'uncordon'])
    .optional()
    .describe('drain cordons first, then evicts as budgets allow; default drain.'),
  parallel: whole(1, 1_000_000).optional().describe('Nodes drained at a time; default 1.'),
  gracePeriod: duration.optional().describe('Instead of the grace periods of pods.'),
  timeout: positiveDuration
    .optional()
    .describe('Time after which the drain of a node is given up; default never.'),
});

/** A Service as written. */
export const kubeService = shape('a service of Kubernetes', {
  name: name.describe('Name of the service.'),
  namespace: name.optional().describe('Namespace of the pods that it selects; default default.'),
  selector: labels.describe('Labels of the pods that it selects.'),
});

/** A namespace as written. */
export const kubeNamespace = shape('a namespace', {
  name: name.describe('Name of the namespace.'),
  labels: labels.optional().describe('Its labels; kubernetes.io/metadata.name is added.'),
});
