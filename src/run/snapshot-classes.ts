/** Classes of which a run makes objects after its first event, maybe without having had one before. */
import { Histogram } from '../collections/histogram.ts';
import { AffinityCounts } from '../policies/kubernetes/affinity-counts.ts';
import { PolicyTest, SpreadCounts } from '../policies/kubernetes/spread-counts.ts';
import { Admission, PagedCounts, SumTable } from '../policies/kubernetes/sum-table.ts';
import { Topology, TopologyColumn } from '../policies/kubernetes/topology.ts';
import { Fragmentation } from '../policies/scheduling/fgd/fragmentation.ts';
import { JobController } from '../processes/kubernetes/controllers/job-controller.ts';
import { ReplicaSetController } from '../processes/kubernetes/controllers/replica-set.ts';
import { FreeTree } from '../selection/free-tree.ts';
import { Board, BoardColumns } from '../selection/kubernetes/board.ts';
import { ClassScores } from '../selection/kubernetes/class-scores.ts';
import { FilterRun } from '../selection/kubernetes/filter-run.ts';
import { ByClass } from '../selection/kubernetes/fresh.ts';
import { ShapePlan } from '../selection/kubernetes/plan.ts';
import { ResourceKernel } from '../selection/kubernetes/resource-kernel.ts';
import { ScanSelector } from '../selection/scan.ts';
import { TournamentSelector } from '../selection/shape-tournament.ts';

/** A class that is missing here shows at the first checkpoint that meets it. */
export const RUN_CLASSES: readonly (abstract new (...args: never[]) => object)[] = [
  Admission,
  AffinityCounts,
  Board,
  BoardColumns,
  ByClass,
  ClassScores,
  FilterRun,
  Fragmentation,
  FreeTree,
  Histogram,
  JobController,
  Object,
  PagedCounts,
  PolicyTest,
  ReplicaSetController,
  ResourceKernel,
  ScanSelector,
  ShapePlan,
  SpreadCounts,
  SumTable,
  Topology,
  TopologyColumn,
  TournamentSelector,
];
