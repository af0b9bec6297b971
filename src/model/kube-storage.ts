import type { KubePod } from '../base/kube.ts';
import type { FrameworkNodes } from './kube-view.ts';
import type { PersistentVolume, StorageClass, VolumeClaim, VolumesView } from './kube-volumes.ts';

/** The storage objects of a cluster. */
export interface StorageObjects {
  readonly claims: readonly VolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
}

/**
 * Claims, volumes and classes of a cluster, which stay as they are; which claims are in use follows the pods on its nodes.
 *
 * *Cost*: lookups by name; `isInUse` asks every shape that has pods.
 */
export class KubeStorage implements VolumesView {
  private readonly nodes: Pick<FrameworkNodes, 'forEachShape' | 'kubeOf'>;
  private readonly claims: ReadonlyMap<string, VolumeClaim>;
  private readonly volumes: ReadonlyMap<string, PersistentVolume>;
  private readonly classes: ReadonlyMap<string, StorageClass>;
  private readonly freeByClass = new Map<string, PersistentVolume[]>();

  constructor(objects: StorageObjects, nodes: Pick<FrameworkNodes, 'forEachShape' | 'kubeOf'>) {
    this.nodes = nodes;
    this.claims = new Map(objects.claims.map((c) => [`${c.namespace}/${c.name}`, c]));
    this.volumes = new Map(objects.volumes.map((v) => [v.name, v]));
    this.classes = new Map(objects.classes.map((c) => [c.name, c]));
    const taken = new Set(objects.claims.map(({ volume }) => volume));
    for (const volume of objects.volumes) {
      if (volume.claim !== null || taken.has(volume.name)) continue;
      const free = this.freeByClass.get(volume.storageClass) ?? [];
      free.push(volume);
      this.freeByClass.set(volume.storageClass, free);
    }
    for (const free of this.freeByClass.values()) {
      free.sort((a, b) => a.capacityBytes - b.capacityBytes || (a.name < b.name ? -1 : 1));
    }
  }

  claim(namespace: string, name: string): VolumeClaim | undefined {
    return this.claims.get(`${namespace}/${name}`);
  }

  volume(name: string): PersistentVolume | undefined {
    return this.volumes.get(name);
  }

  storageClass(name: string): StorageClass | undefined {
    return this.classes.get(name);
  }

  free(storageClass: string): readonly PersistentVolume[] {
    return this.freeByClass.get(storageClass) ?? [];
  }

  isInUse(namespace: string, claim: string): boolean {
    let isUsed = false;
    this.nodes.forEachShape((shape) => {
      isUsed ||= uses(this.nodes.kubeOf(shape), namespace, claim);
    });
    return isUsed;
  }

  /** Attachments that no pod on the node stands for are not modelled. */
  forEachAttached(): void {}
}

function uses(kube: KubePod, namespace: string, claim: string): boolean {
  return (
    kube.namespace === namespace &&
    kube.volumes.some((volume) => volume.kind === 'claim' && volume.claim === claim)
  );
}
