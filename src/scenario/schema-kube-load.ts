/** The shape of what pods are asked for and of what their nodes pull. */
import { listOf, mapOfImages, memory, name, shape, text } from './schema-values.ts';
import { replicas } from './schema-workloads.ts';

/** What workloads are asked for over time. */
export const loads = listOf(
  'a list of loads',
  shape('a load', {
    workload: text('the name of a workload').describe('A deployment that an autoscaler scales.'),
    metric: name.optional().describe('As autoscalers name it; default cpu.'),
    milli: replicas.describe(
      'Demand over all its pods in thousandths of the metric’s unit (millicores for cpu), over time.',
    ),
  }),
);

/** Images and how fast they come. */
export const imagePulls = shape('image pulls', {
  perSecond: memory.describe('Bytes a second that a node pulls, one image at a time.'),
  images: mapOfImages('images, sizes by name', memory).describe(
    'Sizes by name with tag; an image that is not named is taken to be on every node.',
  ),
});
