/** The shipped scenarios in a form that runs in seconds, for tests that need a real bundle and not its numbers. */

const EACH_PRIVATE = [0, 1, 2, 3, 4, 5].map((i) => `fleet.clusters[${i}].pools[0].count=40`);

/** Overrides by the name of the scenario's file; one that is not named here runs as it is. */
export const SMALL_FORMS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    // A hundredth: 24 * 40 + 4 * 10 nodes, demand likewise.
    'quickstart',
    [
      ...EACH_PRIVATE,
      'fleet.clusters[6].pools[0].count=10',
      'fleet.clusters[6].pools[0].max=50',
      'workloads.web.replicas.diurnal.mean=9000',
      'workloads.batch.arrivals.poisson=0.1/s',
    ],
  ],
  [
    // A tenth.
    'outage',
    [
      'fleet.clusters[0].pools[0].count=200',
      'workloads.critical.replicas=3510',
      'workloads.standard.replicas=4680',
      'workloads.best-effort.replicas=3510',
    ],
  ],
  ['policies', ['horizon=4h']],
  ['mmc', ['horizon=1h', 'workloads.customers.until=59m']],
  ['openb-fgd', ['horizon=20m']],
]);
