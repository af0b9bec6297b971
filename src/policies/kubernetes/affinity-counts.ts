/** Pods by topology domain for inter-pod affinity: one set of tables per shape that is being scheduled. */
import type { KubePod, LabelSelector, PodAffinityTerm } from '../../base/kube.ts';
import type { FrameworkNodes } from '../../contracts/framework.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { Counter, Link } from './pod-sums.ts';
import { labelValue, matchesRequirement, matchesSelector } from './selectors.ts';
import { SumTable } from './sum-table.ts';
import type { Topology } from './topology.ts';

/** Sums of one kind by topology key, in order of first use. */
export type TablesByKey = Map<string, SumTable>;

/** What the counts are made of. */
export interface AffinitySpec {
  readonly shape: PodShape;
  readonly kube: KubePod;
  /** Weight of an existing pod's required affinity to this one; 0 leaves it out. */
  readonly hardPodAffinityWeight: number;
  readonly nodes: FrameworkNodes;
  readonly topology: Topology;
}

/**
 * What InterPodAffinity counts for pods of one shape.
 *
 * `existing`: required anti-affinity terms of pods on nodes that match this pod. `wanted`: pods that match all its required
 * affinity terms, under each term's key. `shunned`: its own required anti-affinity terms that pods match. `liked`: weights of
 * preferred terms on both sides, and of required affinity terms of pods on nodes.
 */
export class AffinityCounts implements Counter {
  readonly tables: SumTable[] = [];
  readonly existing: TablesByKey = new Map();
  readonly wanted: TablesByKey = new Map();
  readonly shunned: TablesByKey = new Map();
  readonly liked: TablesByKey = new Map();
  /** The pod matches all its own required affinity terms. */
  readonly matchesItself: boolean;
  private readonly spec: AffinitySpec;

  constructor(spec: AffinitySpec) {
    this.spec = spec;
    const { kube } = spec;
    const affinity = kube.podAffinity?.required ?? [];
    for (const { topologyKey } of affinity) this.tableOf(this.wanted, topologyKey);
    for (const { topologyKey } of kube.podAntiAffinity?.required ?? []) {
      this.tableOf(this.shunned, topologyKey);
    }
    this.matchesItself = affinity.every((term) => this.isMatchedBy(term, kube));
  }

  /** True if pods without any affinity matter to this one. */
  get readsPlainPods(): boolean {
    const { podAffinity, podAntiAffinity } = this.spec.kube;
    return hasTerms(podAffinity) || hasTerms(podAntiAffinity);
  }

  weigh(_shape: PodShape, other: KubePod, links: Link[]): void {
    const { kube } = this.spec;
    if (this.readsPlainPods) {
      const required = kube.podAffinity?.required ?? [];
      if (required.length > 0 && required.every((term) => this.isMatchedBy(term, other))) {
        for (const { topologyKey } of required) this.link(this.wanted, topologyKey, 1, links);
      }
      for (const term of kube.podAntiAffinity?.required ?? []) {
        if (this.isMatchedBy(term, other)) this.link(this.shunned, term.topologyKey, 1, links);
      }
      this.like(
        kube.podAffinity?.preferred ?? [],
        1,
        (term) => this.isMatchedBy(term, other),
        links,
      );
      this.like(
        kube.podAntiAffinity?.preferred ?? [],
        -1,
        (term) => this.isMatchedBy(term, other),
        links,
      );
    }
    if (other.podAffinity === null && other.podAntiAffinity === null) return;
    this.weighTerms(other, links);
  }

  /** What the terms of a pod on a node say of this pod. */
  private weighTerms(other: KubePod, links: Link[]): void {
    const concernsThis = (term: PodAffinityTerm): boolean => this.concerns(term, other);
    for (const term of other.podAntiAffinity?.required ?? []) {
      if (concernsThis(term)) this.link(this.existing, term.topologyKey, 1, links);
    }
    const weight = this.spec.hardPodAffinityWeight;
    for (const term of other.podAffinity?.required ?? []) {
      if (weight > 0 && concernsThis(term)) this.link(this.liked, term.topologyKey, weight, links);
    }
    this.like(other.podAffinity?.preferred ?? [], 1, concernsThis, links);
    this.like(other.podAntiAffinity?.preferred ?? [], -1, concernsThis, links);
  }

  private like(
    terms: readonly { readonly weight: number; readonly term: PodAffinityTerm }[],
    sign: 1 | -1,
    matches: (term: PodAffinityTerm) => boolean,
    links: Link[],
  ): void {
    for (const { term, weight } of terms) {
      if (matches(term)) this.link(this.liked, term.topologyKey, sign * weight, links);
    }
  }

  private link(tables: TablesByKey, key: string, weight: number, links: Link[]): void {
    links.push({ table: this.tableOf(tables, key), weight });
  }

  private tableOf(tables: TablesByKey, key: string): SumTable {
    let table = tables.get(key);
    if (table === undefined) {
      table = new SumTable({ column: this.spec.topology.column(key), countsTerminating: true });
      tables.set(key, table);
      this.tables.push(table);
    }
    return table;
  }

  private isMatchedBy(term: PodAffinityTerm, other: KubePod): boolean {
    return isTermMatched(term, this.spec.kube, other, this.spec.nodes);
  }

  /** A term of another pod against this one. */
  private concerns(term: PodAffinityTerm, owner: KubePod): boolean {
    const { kube, nodes } = this.spec;
    const isHere =
      isNamed(term, owner, kube) || selects(term.namespaceSelector, kube.namespace, nodes);
    return isHere && matchesSelector(term.selector, kube.labels);
  }
}

/**
 * Says whether a pod matches a term of the pod that is being scheduled. A selector of namespaces is met by the pod's
 * namespace, or by no labels at all: v1.34 keeps it after listing the namespaces and tests it against an empty set.
 */
export function isTermMatched(
  term: PodAffinityTerm,
  owner: KubePod,
  other: KubePod,
  nodes: FrameworkNodes,
): boolean {
  const { namespaceSelector } = term;
  const isThere =
    isNamed(term, owner, other) ||
    selects(namespaceSelector, other.namespace, nodes) ||
    namespaceSelector?.every((r) => matchesRequirement(r, undefined)) === true;
  return isThere && matchesSelector(term.selector, other.labels);
}

/** The other's namespace is listed; without any list or selector, it is the owner's. */
function isNamed(term: PodAffinityTerm, owner: KubePod, other: KubePod): boolean {
  const { namespaces, namespaceSelector } = term;
  return namespaces.length === 0 && namespaceSelector === null
    ? other.namespace === owner.namespace
    : namespaces.includes(other.namespace);
}

function selects(selector: LabelSelector, namespace: string, nodes: FrameworkNodes): boolean {
  if (selector === null) return false;
  const labels = nodes.namespaceLabels(namespace);
  return selector.every((r) => matchesRequirement(r, labelValue(labels, r.key)));
}

/** True if there is any term at all. */
export function hasTerms(affinity: KubePod['podAffinity']): boolean {
  return affinity !== null && affinity.required.length + affinity.preferred.length > 0;
}

/** True if the pod's terms may matter to others, or others to it. */
export function hasAffinity(kube: KubePod): boolean {
  return hasTerms(kube.podAffinity) || hasTerms(kube.podAntiAffinity);
}
