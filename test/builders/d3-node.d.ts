/** d3-node 4 has no types of its own: what the tests use of it. */
declare module 'd3-node' {
  export class D3Node {
    readonly document: { readonly body: unknown };
    readonly window: {
      readonly XMLSerializer: new () => { serializeToString(node: unknown): string };
    };
    readonly d3: {
      select(node: unknown): {
        html(text: string): void;
        select(selector: string): { node(): unknown };
        selectAll(selector: string): { size(): number };
      };
    };
  }
}
