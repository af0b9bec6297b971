import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    watch: false,
    // Simulations keep a core busy: more processes than the two cores of a small machine only slow each other down.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One line a file is enough; only tests slower than this are named one by one.
    slowTestThreshold: 10_000,
  },
});
