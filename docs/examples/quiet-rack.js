import { defineScheduling } from 'orrery';

/** The same policy in plain JavaScript, under a name of its own. */
export default defineScheduling({
  name: 'acme/quiet-rack-js',
  summary: 'The node with the fewest pods.',
  formula: 'score = -pods on the node',
  create: () => ({
    kind: 'profile',
    ties: 'index',
    scores: [
      {
        weight: 1,
        score: {
          name: 'quiet',
          dependsOn: 'own-node',
          add(_pod, candidates, count, cluster, scores, weight) {
            for (let i = 0; i < count; i++) {
              scores[i] -= weight * cluster.nodes.podCount[candidates[i]];
            }
          },
        },
      },
    ],
  }),
});
