import { defineScheduling } from 'orrery';

/** Prefers quiet nodes: the fewer pods a node runs, the better. Ties go to the lowest node. */
export default defineScheduling({
  name: 'acme/quiet-rack',
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
            const { podCount } = cluster.nodes;
            for (let i = 0; i < count; i++) scores[i]! -= weight * podCount[candidates[i]!]!;
          },
        },
      },
    ],
  }),
});
