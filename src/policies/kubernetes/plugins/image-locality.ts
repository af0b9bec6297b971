import { defineFramework } from '../../../contracts/policy.ts';

const MIB = 1024 * 1024;
const BYTES_MIN = 23 * MIB;
const BYTES_MAX_PER_CONTAINER = 1000 * MIB;

/** Draws pods to nodes that have their images, the more the wider an image is spread. */
export const imageLocality = defineFramework({
  name: 'kubernetes/image-locality',
  summary: 'Kubernetes ImageLocality: nodes that have the images score higher.',
  formula:
    'floor(100 * (s - 23 Mi) / (1000 Mi * containers - 23 Mi)), s = sum of size * (nodes that have it / nodes), within these bounds',
  create: () => ({
    name: 'ImageLocality',
    score: {
      dependsOn: 'class',
      score: ({ kube }, n, nodes) => {
        const { images } = nodes.classOf(n);
        let sum = 0;
        for (const image of kube.images) {
          if (!Object.hasOwn(images, image)) continue;
          sum += Math.trunc(images[image]! * (nodes.imageNodes(image) / nodes.listed));
        }
        const max = BYTES_MAX_PER_CONTAINER * kube.containers;
        const bytes = sum < BYTES_MIN ? BYTES_MIN : Math.min(sum, max);
        if (bytes === BYTES_MIN) return 0;
        return Math.trunc((100 * (bytes - BYTES_MIN)) / (max - BYTES_MIN));
      },
      normalise: 'none',
    },
    hints: [],
  }),
});
