/**
 * Storage as the scheduler's volume plug-ins see it: claims, volumes and classes that a scenario declares.
 *
 * *Source*: Kubernetes v1.34 API, as read by VolumeBinding, VolumeZone, VolumeRestrictions and NodeVolumeLimits.
 */
import type { NodeIndex } from '../base/ids.ts';
import type { NodeSelectorTerm, Requirement } from '../base/kube.ts';

/** A persistent volume. */
export interface PersistentVolume {
  readonly name: string;
  /** Its zone and region among them, alternatives joined by `__`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null binds to any node; a list is as in a node selector. */
  readonly nodeAffinity: readonly NodeSelectorTerm[] | null;
  /** CSI driver that attaches it; null if no limit counts it. */
  readonly driver: string | null;
  readonly capacityBytes: number;
  readonly accessModes: readonly AccessMode[];
  /** Empty without. */
  readonly storageClass: string;
  /** `namespace/name` of the claim that has it or that it is reserved for; null while it is free. */
  readonly claim: string | null;
}

/** How pods may use a claim. */
export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';

/** A claim of a namespace. */
export interface VolumeClaim {
  readonly namespace: string;
  readonly name: string;
  readonly accessModes: readonly AccessMode[];
  readonly requestBytes: number;
  /** Empty without. */
  readonly storageClass: string;
  /** Name of the volume that it is bound to; null while unbound. */
  readonly volume: string | null;
  /** Its volume is gone. */
  readonly isLost: boolean;
  /** It has a deletion timestamp. */
  readonly isDeleting: boolean;
}

/** A storage class. */
export interface StorageClass {
  readonly name: string;
  /** True for `WaitForFirstConsumer`: bound when a pod is scheduled. */
  readonly waitsForConsumer: boolean;
  /** CSI driver that provisions volumes; null for `kubernetes.io/no-provisioner`. */
  readonly provisioner: string | null;
  /** Nodes that provisioning may serve: any term with all its requirements (`In`); empty is any node. */
  readonly allowedTopologies: readonly (readonly Requirement[])[];
  /** What the driver publishes of free capacity by topology; null if it publishes none. */
  readonly capacities: readonly StorageCapacity[] | null;
}

/** Free capacity of a class on the nodes that match. */
export interface StorageCapacity {
  readonly nodes: readonly Requirement[];
  readonly freeBytes: number;
}

/** The storage objects of a cluster at this moment. */
export interface VolumesView {
  claim(namespace: string, name: string): VolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** Volumes that no claim has yet, of one class, smallest first, then by name. */
  free(storageClass: string): readonly PersistentVolume[];
  /** True if some pod of the cluster, on whatever node, uses the claim. */
  isInUse(namespace: string, claim: string): boolean;
  /** Visits volumes attached to the node by name of the volume, whether a pod uses them or not. */
  forEachAttached(n: NodeIndex, visit: (volume: string, driver: string) => void): void;
}
