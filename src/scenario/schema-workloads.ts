/** The shape of workloads: what a pod asks for, when pods arrive, how many run and for how long. */
import * as z from 'zod';
import { taintEffect } from './schema-fleet.ts';
import { kubeAnswers, kubePaths } from './schema-kube-objects.ts';
import {
  affinity,
  container,
  hostPorts,
  initContainer,
  requests,
  topologySpreadConstraint,
  volume,
} from './schema-kube-pod.ts';
import { kubeWorkloads } from './schema-kube-workloads.ts';
import { countLaw, durationLaw, runTimeLaw } from './schema-laws.ts';
import {
  choice,
  cpu,
  duration,
  flag,
  gpus,
  labels,
  listOf,
  mapOf,
  memory,
  name,
  nameSet,
  oneOf,
  positiveDuration,
  positiveRate,
  real,
  shape,
  share,
  text,
  whole,
} from './schema-values.ts';

/** Replicas of one service at most. */
const REPLICAS_MAX = 1_000_000_000;

/** A toleration as written. */
export const toleration = shape('a toleration', {
  key: text('the key of a taint')
    .optional()
    .describe('Key of the taint; default any, with operator Exists.'),
  operator: choice(['Equal', 'Exists']).optional().describe('Default Equal.'),
  value: text('the value of a taint').optional().describe('Value of the taint; default empty.'),
  effect: taintEffect.optional().describe('Default every effect.'),
  tolerationSeconds: real(0, 1_000_000_000)
    .optional()
    .describe('How long it bears a NoExecute taint; default for ever.'),
});

/** What a pod asks for, as written. */
export const pod = shape('a pod', {
  cpu: cpu.optional().describe('Request of its one container; default 0.'),
  memory: memory.optional().describe('Request of its one container; default 0.'),
  gpus: gpus.optional().describe('Whole devices, or a share of one; default 0.'),
  gpuModels: listOf('a list of GPU models', name)
    .optional()
    .describe('Models that may serve it; default any.'),
  extended: mapOf('extended resources, counts by name', whole(0, 1_000_000_000))
    .optional()
    .describe('Extended resources by name.'),
  nodeSelector: labels.optional().describe('Labels that the node must have.'),
  tolerations: listOf('a list of tolerations', toleration)
    .optional()
    .describe('Taints that it bears.'),
  priorityClass: name
    .optional()
    .describe('A class of priorityClasses, or critical, high, default, low, best-effort.'),
  namespace: name.optional().describe('Namespace; default default.'),
  labels: labels.optional().describe('Labels that selectors of pods match.'),
  containers: listOf('a list of containers', container)
    .min(1, { error: 'at least one container' })
    .optional()
    .describe('Its containers, instead of cpu, memory and extended.'),
  initContainers: listOf('a list of init containers', initContainer)
    .optional()
    .describe('What runs before, or beside them; requests add up as in Kubernetes.'),
  resources: shape('the resources of a pod', {
    requests: requests.describe('cpu, memory and hugepages-*: these replace those of containers.'),
  })
    .optional()
    .describe('Pod-level requests.'),
  overhead: requests.optional().describe('What its runtime takes on top.'),
  hostPorts: hostPorts
    .optional()
    .describe('Ports of the host, as ports of its first container would be.'),
  affinity: affinity.optional().describe('Nodes and pods that it wants, as in Kubernetes.'),
  topologySpreadConstraints: listOf('a list of spread constraints', topologySpreadConstraint)
    .optional()
    .describe('How evenly its like are spread, as in Kubernetes.'),
  preemptionPolicy: choice(['PreemptLowerPriority', 'Never'])
    .optional()
    .describe('Never: it waits rather than evict others; default PreemptLowerPriority.'),
  schedulingGates: listOf('a list of names', name)
    .optional()
    .describe('Gates that keep it out of the queue.'),
  terminationGracePeriod: duration
    .optional()
    .describe('From its deletion to its being gone, at most; default 30s.'),
  schedulerName: name.optional().describe('Profile that schedules it; default default-scheduler.'),
  nodeName: text('the name of a node').optional().describe('The only node that may take it.'),
  volumes: listOf('a list of volumes', volume).optional().describe('Claims and disks.'),
});

/** Fields of a pod that a release changes. */
export const podChanges = pod.meta({
  id: 'PodChanges',
  description: 'Fields of a pod that change; containers of equal names join.',
  examples: [{ cpu: '500m' }, { containers: [{ name: 'app', image: 'app:2' }] }],
});

/** How far the peak may lie over the mean: a raised cosine reaches zero at twice the mean. */
const peakToMean = real(1, 2).describe('Peak over mean of the raised cosine.');
const peakAt = duration.optional().describe('Instant of the peak in each period; default 14h.');
const period = positiveDuration.optional().describe('Default 1d.');

/** A number over time: replicas, or an amount of load. */
export const replicas = z.union(
  [
    whole(0, REPLICAS_MAX),
    oneOf('replicas over time', {
      steps: z
        .array(
          shape('a step of replicas', {
            at: duration.describe('From when.'),
            count: whole(0, REPLICAS_MAX).describe('How many.'),
          }),
          { error: 'a list of steps {at, count}' },
        )
        .min(1, { error: 'at least one step' })
        .optional(),
      diurnal: shape('replicas by time of day', {
        mean: real(0, REPLICAS_MAX, true).describe('Mean over a period.'),
        peakToMean,
        peakAt,
        period,
        every: positiveDuration.optional().describe('How often it changes; default 5m.'),
      }).optional(),
    }),
  ],
  { error: 'a number of replicas, {steps: [...]} or {diurnal: {...}}' },
);

const trace = shape('a trace', {
  format: choice(['openb', 'swf', 'batsim', 'csv']).describe('Format of the file.'),
  path: text('the path of a trace').describe(
    'Relative to the file that names it, plain or .gz; $' + '{ORRERY_DATA} is the data folder.',
  ),
  limit: whole(1, 1_000_000_000).optional().describe('First jobs to use; default all.'),
  speedup: real(0, 1_000_000, true)
    .optional()
    .describe('Divides all instants: 2 replays twice as fast; default 1.'),
  inflateTo: share
    .optional()
    .describe('OpenB as the FGD paper replays it: resampled to this share of all GPUs.'),
});

const arrivals = oneOf('arrivals', {
  poisson: positiveRate.optional().describe('Jobs arrive at random at this rate.'),
  diurnal: shape('arrivals by time of day', {
    mean: positiveRate.describe('Mean over a period.'),
    peakToMean,
    peakAt,
    period,
  }).optional(),
  regular: shape('regular arrivals', { every: positiveDuration.describe('The fixed gap.') })
    .optional()
    .describe('The first job after one gap.'),
  renewal: shape('arrivals with random gaps', { gap: durationLaw.describe('Law of the gaps.') })
    .optional()
    .describe('Independent gaps of any law.'),
  trace: trace.optional().describe('Jobs of a file.'),
});

const common = {
  name: nameSet.describe('Unique in the scenario; may be a set, with {name} in other fields.'),
  team: nameSet.optional().describe('Whose it is; default the name.'),
  onEviction: z
    .union(
      [
        choice(['restart', 'resume']),
        shape('what an eviction costs', {
          checkpoint: shape('checkpoints', {
            every: positiveDuration.describe('Run time between checkpoints.'),
            cost: duration.describe('Run time that each takes.'),
          }),
        }),
      ],
      { error: 'restart, resume or {checkpoint: {every, cost}}' },
    )
    .optional()
    .describe('What happens to work done; default restart: all is lost.'),
  retryLimit: whole(0, 65_534)
    .optional()
    .describe('Evictions after which a pod is lost; default no limit.'),
  retryBackoff: shape('the backoff of retries', {
    base: duration.describe('Before the first retry.'),
    cap: duration.describe('At most; each wait is twice the one before.'),
  })
    .optional()
    .describe('Wait before retries; default base 10s, cap 10m, as Kubernetes’ Job.'),
  startup: durationLaw
    .optional()
    .describe('From bind to running: image pull and start; default 0s.'),
};

const jobFields = {
  arrivals: arrivals.describe('When jobs arrive.'),
  pod: pod.optional().describe('Each pod. A trace needs none: it fills what the trace lacks.'),
  podsPerJob: countLaw.optional().describe('Pods of a job; default 1. A trace says it itself.'),
  duration: runTimeLaw.optional().describe('Run time of a pod. A trace says it itself.'),
  durationPerJob: flag
    .optional()
    .describe('True: all pods of a job run equally long; default false.'),
  estimateFactor: real(0, 1_000_000, true)
    .optional()
    .describe('Walltime that users ask for, over the run time; default 1.'),
  onRefusal: choice(['wait', 'lose'])
    .optional()
    .describe('A pod that finds no room when it is tried: default wait; lose drops it.'),
  initial: shape('pods that run from the start', {
    pods: whole(1, REPLICAS_MAX).describe('How many.'),
    over: positiveDuration
      .optional()
      .describe(
        'They arrive evenly over this time; default 1s. Many need more: messages to clusters take memory.',
      ),
    residual: choice(['equilibrium', 'full'])
      .optional()
      .describe(
        'Their run time: what is left of a run found going on (default equilibrium), or a full one.',
      ),
  })
    .optional()
    .describe(
      'Starts with pods of this workload, each a job of its own; kind job without a trace.',
    ),
  from: duration.optional().describe('First instant of arrivals; default 0s.'),
  until: duration.optional().describe('End of arrivals; default the horizon.'),
};

/** A workload as written, told apart by its kind. */
export const workload = z.discriminatedUnion(
  'kind',
  [
    shape('a service', {
      kind: choice(['service']).describe('Runs until it is scaled down.'),
      ...common,
      pod: pod.describe('Each replica.'),
      replicas: replicas.describe('How many pods, over time.'),
    }),
    shape('a job', {
      kind: choice(['job']).describe('Pods that arrive, run and end; each starts when it can.'),
      ...common,
      ...jobFields,
    }),
    shape('a gang', {
      kind: choice(['gang']).describe('As job, but all pods of a job start together or none does.'),
      ...common,
      ...jobFields,
    }),
    ...kubeWorkloads({ ...common, pod: pod.describe('Each pod.') }),
    shape('manifests', {
      kind: choice(['manifests']).describe('Workloads of Kubernetes, from files.'),
      name: name.describe('Name of the entry; its workloads are called namespace/name.'),
      cluster: name.optional().describe('Cluster that they go to. Required with several clusters.'),
      files: kubePaths.describe(
        'Deployments and other workloads with what belongs to them, as for kubectl apply.',
      ),
      ...kubeAnswers,
    }),
  ],
  {
    error:
      'one of service, job, gang, deployment, statefulset, daemonset, kube-job, cronjob, manifests',
  },
);
