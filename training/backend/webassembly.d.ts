// The part of WebAssembly's JavaScript interface that linking our kernels needs: TypeScript has it only in its DOM library.
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer
  }
  function instantiate(
    bytes: Uint8Array,
    imports: { readonly env: { readonly memory: Memory } },
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>
}
